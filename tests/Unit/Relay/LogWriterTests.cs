using System.Collections.Concurrent;
using P2PCopy.Relay.Events;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>A log that cannot be written: the program goes on, and the log says once how much is missing.</summary>
public class LogWriterTests
{
    [Fact]
    public void Lines_are_written_in_their_order()
    {
        List<string> log = [];
        using (var writer = new LogWriter(line =>
        {
            log.Add(line);
            return true;
        }))
        {
            for (int i = 0; i < 100; i++)
                writer.Add($"line {i}");
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"line {i}"), log);
    }

    [Fact]
    public void Lines_that_a_full_disk_refuses_are_dropped_and_their_number_is_written_once_it_has_space()
    {
        var log = new FailingLog { IsFull = true };
        using var writer = new LogWriter(log.TryWrite);
        for (int i = 0; i < 3; i++)
            writer.Add("lost");
        SpinWait.SpinUntil(() => writer.Lost == 3, TimeSpan.FromSeconds(20));
        log.IsFull = false;
        writer.Add("first");
        writer.Add("second");
        SpinWait.SpinUntil(() => log.Lines.Count == 3, TimeSpan.FromSeconds(20));
        Assert.Equal(["log: 3 lines could not be written and are lost", "first", "second"], log.Lines);
        Assert.Equal((0, 3), (writer.Lost, writer.LostInAll));
    }

    [Fact]
    public void A_log_that_accepts_nothing_delays_neither_the_lines_nor_the_end()
    {
        using var gate = new ManualResetEventSlim();
        using var waits = new ManualResetEventSlim();
        var log = new FailingLog { Gate = gate, Waits = waits };
        using (var writer = new LogWriter(log.TryWrite))
        {
            writer.Add("line");
            waits.Wait(TestContext.Current.CancellationToken);
            for (int i = 0; i < 10_000; i++)
                writer.Add("line");
            Assert.InRange(writer.Lost, 5000, 6000);
        }

        gate.Set();
    }

    private sealed class FailingLog
    {
        private volatile bool _isFull;

        public bool IsFull
        {
            get => _isFull;
            set => _isFull = value;
        }

        public ManualResetEventSlim? Gate { get; init; }

        public ManualResetEventSlim? Waits { get; init; }

        public ConcurrentQueue<string> Lines { get; } = new();

        public bool TryWrite(string line)
        {
            Waits?.Set();
            Gate?.Wait();
            if (IsFull)
                return false;
            Lines.Enqueue(line);
            return true;
        }
    }
}
