using System.Security.Cryptography;
using P2PCopy.Session.Crypto;

namespace P2PCopy.Tests.Unit.Session;

public sealed class RecordTests
{
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void What_was_sealed_opens_in_order_and_in_place()
    {
        using RecordSealer sealer = Sealer();
        using RecordOpener opener = Opener();
        foreach (int length in (int[])[1, 2, 15, 16, 17, 100_000])
        {
            byte[] text = RandomNumberGenerator.GetBytes(length);
            byte[] message = Seal(sealer, text);
            Assert.Equal(length + 17, message.Length);
            Assert.Equal(0, message[0]);
            Assert.Equal(length, opener.Open(message));
            Assert.Equal(text, message[1..(1 + length)]);
        }
    }

    [Fact]
    public void The_same_text_never_looks_the_same_twice()
    {
        using RecordSealer sealer = Sealer();
        Assert.NotEqual(Seal(sealer, [2, 1, 1]), Seal(sealer, [2, 1, 1]));
    }

    [Fact]
    public void Any_changed_bit_is_noticed()
    {
        byte[] text = [2, 1, 2, 3];
        for (int bit = 8; bit < (text.Length + 17) * 8; bit++)
        {
            using RecordSealer sealer = Sealer();
            using RecordOpener opener = Opener();
            byte[] message = Seal(sealer, text);
            message[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(RecordFault.NotAuthentic, Fault(opener, message));
        }
    }

    [Fact]
    public void A_lost_a_repeated_and_a_reordered_record_do_not_open()
    {
        using RecordSealer sealer = Sealer();
        byte[] first = Seal(sealer, [4]), second = Seal(sealer, [4]), third = Seal(sealer, [4]);

        using RecordOpener lost = Opener();
        lost.Open([.. first]);
        Assert.Equal(RecordFault.NotAuthentic, Fault(lost, third));

        using RecordOpener repeated = Opener();
        repeated.Open([.. first]);
        Assert.Equal(RecordFault.NotAuthentic, Fault(repeated, first));

        using RecordOpener reordered = Opener();
        Assert.Equal(RecordFault.NotAuthentic, Fault(reordered, second));
    }

    [Fact]
    public void After_a_record_that_did_not_open_nothing_opens()
    {
        using RecordSealer sealer = Sealer();
        using RecordOpener opener = Opener();
        byte[] first = Seal(sealer, [4]), second = Seal(sealer, [4]);
        Assert.Equal(RecordFault.UnknownMarker, Fault(opener, [7, .. first[1..]]));
        Assert.Equal(RecordFault.Broken, Fault(opener, first));
        Assert.Equal(RecordFault.Broken, Fault(opener, second));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    public void A_message_shorter_than_any_record_is_refused(int length)
    {
        using RecordOpener opener = Opener();
        Assert.Equal(RecordFault.TooShort, Fault(opener, new byte[length]));
    }

    [Fact]
    public void Another_direction_purpose_stream_or_nonce_does_not_open()
    {
        using var keys = new SessionKeys([.. Secret]);
        RecordKeys[] others =
        [
            keys.Records(LinkPurpose.Rejoin, PeerRole.Send, 0, [1], [2]),
            keys.Records(LinkPurpose.Pair, PeerRole.Receive, 0, [1], [2]),
            keys.Records(LinkPurpose.Pair, PeerRole.Send, 1, [1], [2]),
            keys.Records(LinkPurpose.Pair, PeerRole.Send, 0, [9], [2]),
            keys.Records(LinkPurpose.Pair, PeerRole.Send, 0, [1], [9]),
        ];
        foreach (RecordKeys other in others)
        {
            using RecordSealer sealer = Sealer();
            using var opener = new RecordOpener(other, plainChunks: false);
            Assert.Equal(RecordFault.NotAuthentic, Fault(opener, Seal(sealer, [4])));
        }
    }

    [Fact]
    public void Every_epoch_has_new_keys_and_counts_from_zero()
    {
        const int epochLength = 100;
        using RecordSealer sealer = Sealer(epochLength);
        using RecordOpener opener = Opener(epochLength: epochLength);
        using RecordOpener never = Opener(epochLength: long.MaxValue);
        for (int i = 0; i < 30; i++)
        {
            byte[] message = Seal(sealer, new byte[33]);
            // Records 0 to 3 carry 132 bytes: the limit is passed with the fourth, the fifth is of a new epoch.
            if (i < 4)
                never.Open([.. message]);
            else if (i == 4)
                Assert.Equal(RecordFault.NotAuthentic, Fault(never, message));
            Assert.Equal(33, opener.Open(message));
        }
    }

    [Fact]
    public void A_plain_chunk_travels_as_it_is_and_the_next_sealed_record_vouches_for_it()
    {
        using RecordSealer sealer = Sealer();
        using RecordOpener opener = Opener(plainChunks: true);
        byte[] chunk = Plain(sealer, [1, 10, 20, 30]);
        Assert.Equal([1, 1, 10, 20, 30], chunk);
        Assert.Equal(4, opener.Open(chunk));
        Assert.Equal([1, 10, 20, 30], chunk[1..]);
        Assert.Equal(1, opener.Open(Seal(sealer, [4])));
    }

    [Fact]
    public void A_changed_lost_repeated_or_reordered_plain_chunk_is_noticed_at_the_next_sealed_record()
    {
        AssertNoticed((a, b) => [a, [.. b[..^1], (byte)(b[^1] ^ 1)]]);
        AssertNoticed((a, b) => [a]);
        AssertNoticed((a, b) => [a, b, b]);
        AssertNoticed((a, b) => [b, a]);
        AssertNoticed((a, b) => [[.. a, .. b[..]]]);

        static void AssertNoticed(Func<byte[], byte[], byte[][]> onTheWay)
        {
            using RecordSealer sealer = Sealer();
            using RecordOpener opener = Opener(plainChunks: true);
            byte[] first = Plain(sealer, [1, 10, 20]), second = Plain(sealer, [1, 11, 21]), heartbeat = Seal(sealer, [4]);
            foreach (byte[] chunk in onTheWay(first, second))
                opener.Open(chunk);
            Assert.Equal(RecordFault.NotAuthentic, Fault(opener, heartbeat));
        }
    }

    [Fact]
    public void A_plain_record_is_refused_in_an_encrypted_session_and_when_it_is_no_chunk()
    {
        using RecordOpener encrypted = Opener();
        Assert.Equal(RecordFault.PlainRefused, Fault(encrypted, [1, 1, 2, 3]));
        using RecordOpener plain = Opener(plainChunks: true);
        Assert.Equal(RecordFault.PlainRefused, Fault(plain, [1, 3, 2, 3]));
        using RecordSealer sealer = Sealer();
        Assert.Throws<ArgumentException>(() => sealer.MarkPlain(new byte[] { 0, 3, 2, 3 }, 3));
    }

    [Fact]
    public void A_buffer_without_room_for_the_tag_is_refused_before_anything_is_sealed()
    {
        using RecordSealer sealer = Sealer();
        using RecordOpener opener = Opener();
        Assert.Throws<ArgumentOutOfRangeException>(() => sealer.Seal(new byte[20], 4));
        Assert.Equal(3, opener.Open(Seal(sealer, [2, 2, 2])));
    }

    [Fact]
    public void Nothing_is_allocated_for_a_record()
    {
        using RecordSealer sealer = Sealer();
        using RecordOpener opener = Opener(plainChunks: true);
        byte[] buffer = new byte[1000];
        buffer[1] = 1;
        void Round()
        {
            opener.Open(buffer.AsSpan(0, sealer.Seal(buffer, 500)));
            opener.Open(buffer.AsSpan(0, sealer.MarkPlain(buffer, 500)));
        }

        for (int i = 0; i < 100; i++)
            Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static RecordKeys Keys() => new SessionKeys([.. Secret]).Records(LinkPurpose.Pair, PeerRole.Send, 0, [1], [2]);

    private static RecordSealer Sealer(long epochLength = RecordFormat.EpochLength) => new(Keys(), epochLength);

    private static RecordOpener Opener(bool plainChunks = false, long epochLength = RecordFormat.EpochLength)
        => new(Keys(), plainChunks, epochLength);

    private static byte[] Seal(RecordSealer sealer, byte[] text)
    {
        byte[] buffer = [0, .. text, .. new byte[16]];
        return buffer[..sealer.Seal(buffer, text.Length)];
    }

    private static byte[] Plain(RecordSealer sealer, byte[] text)
    {
        byte[] buffer = [0, .. text];
        return buffer[..sealer.MarkPlain(buffer, text.Length)];
    }

    private static RecordFault Fault(RecordOpener opener, byte[] message)
        => Assert.Throws<RecordException>(() => opener.Open([.. message])).Fault;
}
