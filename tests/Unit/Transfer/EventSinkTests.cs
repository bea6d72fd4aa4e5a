using P2PCopy.Session.Pairing;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Tests.Unit.Transfer;

public sealed class EventSinkTests
{
    [Fact]
    public async Task Waiting_is_told_once_however_often_the_one_who_waits_joins_again()
    {
        List<TransferEvent> events = [];
        await using var meter = new TransferMeter(null, TimeProvider.System);
        ISessionObserver sink = new EventSink(events.Add, meter);

        sink.Waiting();
        sink.Waiting();
        sink.Paired();
        sink.Waiting();

        Assert.Equal([typeof(TransferEvent.Waiting), typeof(TransferEvent.Paired), typeof(TransferEvent.Waiting)], events.Select(e => e.GetType()));
    }
}
