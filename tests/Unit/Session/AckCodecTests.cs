using FsCheck;
using FsCheck.Fluent;
using P2PCopy.Session.Messages;
using static P2PCopy.Tests.Unit.Session.RecordCodecTests;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>The layout of acks.</summary>
public sealed class AckCodecTests
{
    [Fact]
    public void Any_ack_reads_back_as_it_was_written()
    {
        Prop.ForAll(Acks().ToArbitrary(), ack =>
        {
            AckState read = AckState.Parse(Body(ack.Encode()));
            return read.NextControl == ack.NextControl && read.NextChunk == ack.NextChunk && read.Arrived.SequenceEqual(ack.Arrived);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void An_ack_names_at_most_1024_ranges()
    {
        ChunkRange[] ranges = [.. Enumerable.Range(1, 1025).Select(i => new ChunkRange(i * 2, 1))];
        Assert.Equal(ranges[..1024], AckState.Parse(Body(new AckState(1, 1, ranges[..1024]).Encode())).Arrived);
        Assert.Throws<ArgumentOutOfRangeException>(() => new AckState(1, 1, ranges).Encode());
    }

    [Fact]
    public void An_ack_covers_what_is_below_its_next_chunk_and_in_its_ranges()
    {
        var ack = new AckState(0, 3, [new ChunkRange(5, 2), new ChunkRange(9, 1)]);
        Assert.Equal([0, 1, 2, 5, 6, 9], Enumerable.Range(0, 12).Where(number => ack.HasArrived(number)));
    }

    [Fact]
    public void A_malformed_ack_is_a_protocol_error()
    {
        static byte[] Ack(params (long First, uint Count)[] ranges)
            => Body(new AckState(3, 10, [.. ranges.Select(r => new ChunkRange(r.First, r.Count))]).Encode());

        Assert.Equal(2, AckState.Parse(Ack((11, 1), (13, 1))).Arrived.Length);
        Assert.Single(AckState.Parse(Ack((10, 1))).Arrived); // has arrived and is not written yet
        AssertMalformed(body => AckState.Parse(body),
            [], new byte[17], [.. Ack(), 0], Ack((11, 1))[..^1],
            [0xff, .. Ack()[1..]],
            [.. Ack()[..8], 0xff, .. Ack()[9..]],
            Ack((9, 5)),
            Ack((11, 0)),
            Ack((11, 2), (13, 1)),
            Ack((11, 2), (12, 1)),
            Ack((20, 1), (12, 1)),
            Ack((-5, 1)),
            Ack((long.MaxValue, 1)),
            [.. Ack()[..16], 0x04, 0x01, .. new byte[12 * 1025]]);
    }

    private static Gen<AckState> Acks()
        => from control in Longs()
           from next in Longs().Select(n => n >> 3)
           from steps in Gen.ListOf(from gap in Gen.Choose(1, int.MaxValue) from count in Gen.Choose(1, int.MaxValue) select (gap, (uint)count * 2))
           select new AckState(control, next, [.. Ranges(next, steps)]);

    private static List<ChunkRange> Ranges(long next, IEnumerable<(int Gap, uint Count)> steps)
    {
        var ranges = new List<ChunkRange>();
        foreach (var (gap, count) in steps)
        {
            ranges.Add(new ChunkRange(next + gap, count));
            next += gap + count;
        }

        return ranges;
    }
}
