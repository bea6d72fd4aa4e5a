using P2PCopy.Primitives;

namespace P2PCopy.Tests.Unit.Primitives;

public sealed class BackOffTests
{
    [Fact]
    public void Pauses_double_up_to_the_limit_and_vary_by_a_fifth()
    {
        var backOff = new BackOff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
        foreach (int expected in (int[])[100, 200, 400, 800, 1000, 1000])
            Assert.InRange(backOff.Next().TotalMilliseconds, expected * 0.8, expected * 1.2);
    }
}
