using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Sending;

namespace P2PCopy.Tests.Unit.Transfer;

/// <summary>How many streams a transfer opens, on a line that is a model and a clock that is moved.</summary>
public sealed class ConnectionOpenerTests
{
    private const int Auto = 0;
    private const double MiB = 1 << 20;

    [Fact]
    public void A_number_that_was_asked_for_is_opened_at_once()
    {
        var line = new Line();
        _ = Run(line, streams: 6);
        Assert.Equal([6], line.Asked);
    }

    [Fact]
    public void One_stream_asks_for_nothing()
    {
        var line = new Line();
        Assert.True(Run(line, streams: 1).IsCompletedSuccessfully);
        Assert.Empty(line.Asked);
    }

    [Fact]
    public void Auto_goes_on_to_eight_where_each_connection_is_limited_by_itself()
    {
        var line = new Line { OfEachLink = 6 * MiB };
        Task run = Run(line, Auto, seconds: 10);
        Assert.Equal([2, 4, 8], line.Asked);
        Assert.True(run.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(6, new[] { 2 })]
    [InlineData(12, new[] { 2, 4 })]
    [InlineData(20, new[] { 2, 4, 8 })]
    public void Auto_stops_once_twice_as_many_are_not_clearly_faster(int ofAll, int[] asked)
    {
        var line = new Line { OfEachLink = 6 * MiB, OfAllLinks = ofAll * MiB };
        Task run = Run(line, Auto, seconds: 20);
        Assert.Equal(asked, line.Asked);
        Assert.True(run.IsCompletedSuccessfully);
    }

    /// <summary>What asks for a link waits behind the chunks that are on their way; until it is there it carries nothing.</summary>
    [Theory]
    [InlineData(0.2)]
    [InlineData(1.1)]
    [InlineData(10)]
    public void What_a_link_brings_is_measured_once_it_is_there(double opening)
    {
        var line = new Line { OfEachLink = 6 * MiB, Opening = opening };
        Run(line, Auto, seconds: 80);
        Assert.Equal([2, 4, 8], line.Asked);
    }

    /// <summary>TCP takes its round trips to find its rate.</summary>
    [Fact]
    public void A_link_has_a_few_seconds_to_find_its_rate()
    {
        var line = new Line { OfEachLink = 6 * MiB, Starting = 2.5 };
        Run(line, Auto, seconds: 30);
        Assert.Equal([2, 4, 8], line.Asked);
    }

    [Fact]
    public void A_moment_in_which_nothing_moves_does_not_decide()
    {
        for (double stall = 0; stall < 10; stall += 0.25)
        {
            var line = new Line { OfEachLink = 6 * MiB };
            Task run = Run(line, Auto, seconds: stall);
            line.Stalled = true;
            line.Pass(seconds: 1.5);
            line.Stalled = false;
            line.Pass(seconds: 20);
            Assert.Equal([2, 4, 8], line.Asked);
            Assert.True(run.IsCompletedSuccessfully);
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.1)]
    public void On_a_slow_line_there_is_time_for_a_few_chunks_before_it_is_judged(double mebibytes)
    {
        var line = new Line { OfEachLink = mebibytes * MiB };
        Run(line, Auto, seconds: 200);
        Assert.Equal([2, 4, 8], line.Asked);
    }

    [Fact]
    public void Nothing_is_opened_while_links_have_nothing_to_send()
    {
        var line = new Line { OfEachLink = 6 * MiB, Starving = 0.3 };
        Run(line, Auto, seconds: 60);
        Assert.Empty(line.Asked);
    }

    [Fact]
    public void A_transfer_that_compares_first_is_judged_by_what_comes_then()
    {
        var line = new Line { OfEachLink = 6 * MiB, Starving = 1 };
        Run(line, Auto, seconds: 60);
        line.Starving = 0;
        line.Pass(seconds: 15);
        Assert.Equal([2, 4, 8], line.Asked);
    }

    [Fact]
    public void Links_that_do_not_come_are_the_last_that_were_asked_for()
    {
        var line = new Line { OfEachLink = 6 * MiB, MostLinks = 3 };
        Run(line, Auto, seconds: 600);
        Assert.Equal([2, 4], line.Asked);
    }

    [Fact]
    public async Task The_end_of_the_transfer_ends_it_without_an_exception_whatever_it_waits_for()
    {
        for (double seconds = 0; seconds < 8; seconds += 0.25)
        {
            var line = new Line { OfEachLink = 6 * MiB, Opening = 1 };
            using var over = new CancellationTokenSource();
            Task run = Run(line, Auto, seconds, over.Token);
            int asked = line.Asked.Count;
            await over.CancelAsync();
            await run;
            Assert.Equal(asked, line.Asked.Count);
        }
    }

    private static Task Run(Line line, int streams, double seconds = 0, CancellationToken over = default)
    {
        Task run = new ConnectionOpener(streams, line.Clock, line.Observe, line.OpenAsync).RunAsync(over);
        line.Pass(seconds);
        return run;
    }

    /// <summary>Links that are slow alone or together, seen through acks of whole chunks.</summary>
    private sealed class Line
    {
        private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

        private readonly List<double> _upSince = [0]; // of each link, in seconds
        private double _now;
        private double _bytes;
        private TimeSpan _starved;

        public ManualTimeProvider Clock { get; } = new();

        /// <summary>Numbers of streams that were asked for.</summary>
        public List<int> Asked { get; } = [];

        /// <summary>Bytes a second that a link carries at most.</summary>
        public double OfEachLink { get; init; }

        /// <summary>Bytes a second that all carry at most.</summary>
        public double OfAllLinks { get; init; } = double.MaxValue;

        /// <summary>Links that come at most.</summary>
        public int MostLinks { get; init; } = int.MaxValue;

        /// <summary>Seconds from asking for a link to its being up.</summary>
        public double Opening { get; init; } = 0.3;

        /// <summary>Seconds in which a link that is up carries nothing yet.</summary>
        public double Starting { get; init; }

        /// <summary>The share of the time without anything to send.</summary>
        public double Starving { get; set; }

        /// <summary>Changes when the content takes another path.</summary>
        public int Path { get; set; }

        /// <summary>Nothing moves.</summary>
        public bool Stalled { get; set; }

        public ValueTask OpenAsync(int count)
        {
            Asked.Add(count);
            while (_upSince.Count < Math.Min(count, MostLinks))
                _upSince.Add(_now + Opening);
            return ValueTask.CompletedTask;
        }

        public LinkState Observe()
        {
            long chunks = (long)(_bytes / MiB);
            return new LinkState(Path, _upSince.Count(up => up <= _now), chunks, chunks << 20, _starved);
        }

        public void Pass(double seconds)
        {
            for (double end = _now + seconds; _now < end;)
            {
                double rate = Math.Min(OfAllLinks, OfEachLink * (1 + _upSince.Skip(1).Count(up => up + Starting <= _now)));
                _bytes += rate * Step.TotalSeconds * (Stalled ? 0 : 1 - Starving);
                _starved += Step * Starving;
                _now += Step.TotalSeconds;
                Clock.Advance(Step);
            }
        }
    }
}
