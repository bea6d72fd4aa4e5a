using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;

namespace P2PCopy.Tests.Unit.Session;

public sealed class ControlInboxTests
{
    private const int Capacity = 10 + (4 * ControlEnvelope.QueueOverhead);

    private readonly ControlInbox _inbox = new(Capacity);

    [Fact]
    public async Task Messages_come_out_in_order_and_repeats_are_dropped()
    {
        foreach (int number in (int[])[0, 1, 0, 1, 2])
            _inbox.Add(number, [(byte)number]);
        for (byte i = 0; i < 3; i++)
            Assert.Equal([i], await TakeAsync());
    }

    /// <summary>The sender's last message is answered by its end of the connection: acknowledged too early, that is a loss.</summary>
    [Fact]
    public async Task A_message_counts_as_wanted_until_whoever_took_it_is_done_with_it()
    {
        _inbox.Add(0, [1]);
        Assert.False(_inbox.Done());
        Assert.Equal(0, _inbox.NextWanted);

        _ = await TakeAsync();
        Assert.Equal(0, _inbox.NextWanted);
        Assert.True(_inbox.Done());
        Assert.False(_inbox.Done());
        Assert.Equal(1, _inbox.NextWanted);
    }

    [Fact]
    public async Task What_nobody_is_done_with_is_bounded()
    {
        const int half = Capacity * 3 / 5;
        _inbox.Add(0, new byte[half]);
        _ = await TakeAsync();
        Assert.Equal(P2PErrorCode.ProtocolError, Assert.Throws<P2PException>(() => _inbox.Add(1, new byte[half])).Code);

        var inbox = new ControlInbox(Capacity);
        inbox.Add(0, new byte[half]);
        _ = await inbox.TakeAsync(TestContext.Current.CancellationToken);
        inbox.Done();
        inbox.Add(1, new byte[half]);
    }

    /// <summary>A message of one byte takes fifty in memory.</summary>
    [Fact]
    public void Short_messages_fill_it_by_what_they_take_in_memory()
    {
        for (int i = 0; i < 4; i++)
            _inbox.Add(i, [1]);
        Assert.Equal(P2PErrorCode.ProtocolError, Assert.Throws<P2PException>(() => _inbox.Add(4, [1])).Code);
    }

    [Fact]
    public void A_message_that_was_left_out_ends_the_session()
    {
        _inbox.Add(0, [1]);
        Assert.Equal(P2PErrorCode.ProtocolError, Assert.Throws<P2PException>(() => _inbox.Add(2, [1])).Code);
    }

    private ValueTask<byte[]> TakeAsync() => _inbox.TakeAsync(TestContext.Current.CancellationToken);
}
