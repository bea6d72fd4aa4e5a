using P2PCopy.Primitives;

namespace P2PCopy.Tests.Unit.Primitives;

public class BufferPoolTests
{
    [Fact]
    public void A_buffer_that_was_given_back_is_used_again()
    {
        var pool = new BufferPool(100);
        byte[] buffer = pool.Rent();
        Assert.Equal(100, buffer.Length);
        pool.Return(buffer);
        Assert.Same(buffer, pool.Rent());
        Assert.NotSame(buffer, pool.Rent());
    }

    [Fact]
    public void A_buffer_of_another_size_is_not_taken_in()
    {
        var pool = new BufferPool(100);
        pool.Return(new byte[99]);
        Assert.Equal(0, pool.Free);
    }

    [Fact]
    public void What_nobody_needs_any_more_is_let_go_little_by_little_and_what_is_needed_stays()
    {
        var pool = new BufferPool(100);
        byte[][] all = [.. Enumerable.Range(0, 100).Select(_ => pool.Rent())];
        foreach (byte[] buffer in all)
            pool.Return(buffer);

        // All of them were in use since the last time.
        pool.Trim();
        Assert.Equal(100, pool.Free);

        // Forty still are, from time to time.
        for (int i = 0; i < 12; i++)
        {
            all = [.. Enumerable.Range(0, 40).Select(_ => pool.Rent())];
            foreach (byte[] buffer in all)
                pool.Return(buffer);
            pool.Trim();
        }

        Assert.Equal(40, pool.Free);
        for (int i = 0; i < 12; i++)
            pool.Trim();
        Assert.Equal(0, pool.Free);
    }
}
