using P2PCopy.Session.Delivery;

namespace P2PCopy.Tests.Unit.Session;

public sealed class ControlOutboxTests : IDisposable
{
    // Beside its bytes a message counts 64 for its place in the queue: four messages of 1 byte fit, two of 150 bytes do not.
    private readonly ControlOutbox _outbox = new(capacityBytes: 300);

    public void Dispose() => _outbox.Dispose();

    [Fact]
    public async Task Messages_are_taken_in_order_each_once()
    {
        await AddAsync(1, 1, 1);
        _outbox.Rewind(1);
        Assert.Equal([0, 1, 2], TakeAll());
        Assert.Empty(TakeAll());
    }

    [Fact]
    public async Task Another_link_starts_at_the_first_message_that_is_not_acknowledged()
    {
        await AddAsync(1, 1, 1, 1);
        _outbox.Rewind(0);
        TakeAll(0);
        _outbox.Acknowledge(2);
        _outbox.Rewind(1);
        Assert.Equal([2, 3], TakeAll());
    }

    [Fact]
    public async Task Messages_that_are_acknowledged_before_they_are_taken_again_are_not_sent_again()
    {
        await AddAsync(1, 1, 1);
        TakeAll();
        _outbox.Rewind(1);
        _outbox.Acknowledge(2); // the ack of the first link arrives late
        Assert.Equal([2], TakeAll());
        Assert.False(_outbox.IsEmpty);
    }

    [Fact]
    public async Task A_connection_that_does_not_carry_messages_any_more_takes_none()
    {
        await AddAsync(1, 1);
        _outbox.Rewind(0);
        _outbox.Rewind(16);
        Assert.Empty(TakeAll(0)); // otherwise the other side would miss a number on connection 16
        Assert.Equal([0, 1], TakeAll(16));
    }

    [Fact]
    public async Task A_full_outbox_waits_for_an_ack()
    {
        await AddAsync(150);
        Task waiting = AddAsync(150);
        Assert.False(waiting.IsCompleted);
        _outbox.Acknowledge(1);
        await waiting;
    }

    [Fact]
    public async Task A_message_longer_than_the_capacity_is_sent_alone()
    {
        await AddAsync(400);
        _outbox.Rewind(1);
        Assert.Equal([0], TakeAll());
    }

    [Fact]
    public async Task Waiting_for_delivery_ends_with_the_last_ack()
    {
        await AddAsync(1, 1);
        Task delivered = _outbox.WaitUntilEmptyAsync(TestContext.Current.CancellationToken);
        _outbox.Acknowledge(1);
        Assert.False(delivered.IsCompleted);
        _outbox.Acknowledge(2);
        await delivered;
    }

    [Fact]
    public async Task An_ack_of_a_message_that_does_not_exist_is_a_protocol_error()
    {
        await AddAsync(1);
        P2PException e = Assert.Throws<P2PException>(() => _outbox.Acknowledge(2));
        Assert.Equal(P2PErrorCode.ProtocolError, e.Code);
    }

    private async Task AddAsync(params int[] lengths)
    {
        foreach (int length in lengths)
            await _outbox.AddAsync(new byte[length], TestContext.Current.CancellationToken);
    }

    private List<long> TakeAll(int connection = 1)
    {
        List<long> numbers = [];
        while (_outbox.TryTakeUnsent(connection, out OutgoingControl control))
            numbers.Add(control.Number);
        return numbers;
    }
}
