using System.Buffers.Binary;
using System.IO.Compression;
using FsCheck;
using FsCheck.Fluent;
using P2PCopy.Session.Messages;
using P2PCopy.Session.Pairing;

namespace P2PCopy.Tests.Unit.Session;

public sealed class RecordCodecTests
{
    [Fact]
    public void Any_chunk_header_reads_back_as_it_was_written()
    {
        var headers = from number in Longs()
                      from codec in Gen.Choose(0, 2)
                      from last in Gen.Elements(true, false)
                      from length in Gen.Choose(1, 2000)
                      from padding in Gen.Choose(0, 300)
                      select (Header: new ChunkHeader(number, (byte)codec, last, length, length), Padding: padding);
        Prop.ForAll(headers.ToArbitrary(), chunk =>
        {
            byte[] body = new byte[ChunkHeader.Length + chunk.Header.RawLength + chunk.Padding];
            chunk.Header.Write(body);
            return ChunkHeader.Parse(body) == chunk.Header;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_malformed_chunk_is_a_protocol_error()
    {
        static byte[] Chunk(long number, byte flags, int rawLength, int payload, int present = -1)
        {
            byte[] body = new byte[17 + (present < 0 ? Math.Max(payload, 0) : present)];
            BinaryPrimitives.WriteInt64BigEndian(body, number);
            body[8] = flags;
            BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(9), rawLength);
            BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(13), payload);
            return body;
        }

        Assert.Equal(10, ChunkHeader.Parse(Chunk(0, 2, 10, 9)).RawLength);
        Assert.Equal(9, ChunkHeader.Parse(Chunk(0, 2, 10, 9, present: 256)).PayloadLength);
        AssertMalformed(body => ChunkHeader.Parse(body),
            [], new byte[16],
            Chunk(0, 2, 10, 9, present: 8),
            Chunk(0, 2, 10, -1, present: 8),
            Chunk(0, 0, int.MaxValue, int.MaxValue, present: 8),
            Chunk(0, 0, 0, 0),
            Chunk(0, 2, 0, 1),
            Chunk(0, 2, 10, 0),
            Chunk(-1, 0, 5, 5),
            Chunk(0, 3, 5, 5),
            Chunk(0, 0x10, 5, 5),
            Chunk(0, 0x40, 5, 5),
            Chunk(0, 0, 5, 4),
            Chunk(0, 0, 5, 6),
            Chunk(0, 2, 5, 6),
            Chunk(0, 2, -1, 6),
            Chunk(0, 2, ChunkHeader.MaxRawLength + 1, 6));
    }

    [Fact]
    public void Any_control_message_reads_back_as_it_was_written()
    {
        var messages = from number in Longs()
                       from length in Gen.Choose(1, 20_000)
                       from seed in Gen.Choose(0, 1000)
                       from alphabet in Gen.Choose(1, 256)
                       select (number, Json: Enumerable.Range(0, length).Select(new Func<int, byte>(new Noise(seed, alphabet).Next)).ToArray());
        Prop.ForAll(messages.ToArbitrary(), message =>
        {
            var (number, json) = ControlEnvelope.Decode(Body(ControlEnvelope.Encode(message.number, message.Json)));
            return number == message.number && json.AsSpan().SequenceEqual(message.Json);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Only_a_long_control_message_is_packed_and_only_when_that_makes_it_shorter()
    {
        Assert.Equal(0, ControlEnvelope.Encode(0, new byte[4096])[9]);
        Assert.Equal(1, ControlEnvelope.Encode(0, new byte[4097])[9]);
        byte[] noise = new byte[10_000];
        new Random(1).NextBytes(noise);
        Assert.Equal(0, ControlEnvelope.Encode(0, noise)[9]);
        Assert.Equal(noise, ControlEnvelope.Decode(Body(ControlEnvelope.Encode(0, noise))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => ControlEnvelope.Encode(0, new byte[ControlEnvelope.MaxMessageLength + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ControlEnvelope.Encode(0, []));
    }

    [Fact]
    public void A_malformed_control_message_is_a_protocol_error()
    {
        static byte[] Control(byte form, int length, byte[] payload, int? payloadLength = null)
        {
            byte[] body = [.. new byte[17], .. payload];
            body[8] = form;
            BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(9), length);
            BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(13), payloadLength ?? payload.Length);
            return body;
        }

        byte[] packed = Gzip(new byte[5000]);
        Assert.Equal(5000, ControlEnvelope.Decode(Control(1, 5000, packed)).Message.Length);
        Assert.Equal([1], ControlEnvelope.Decode(Control(0, 1, [1, 2], payloadLength: 1)).Message);
        AssertMalformed(body => ControlEnvelope.Decode(body),
            [], new byte[16], new byte[17],
            Control(0, 3, [1, 2], payloadLength: 3),
            Control(0, 2, [1, 2], payloadLength: -1),
            Control(1, 5000, packed, payloadLength: int.MaxValue),
            Control(0, 0, []),
            Control(0, 3, [1, 2]),
            Control(0, 1, [1, 2]),
            Control(2, 2, [1, 2]),
            [0x80, .. Control(0, 2, [1, 2])[1..]],
            Control(1, 4999, packed),
            Control(1, 5001, packed),
            Control(1, 5000, packed[..^1]),
            Control(1, 5000, packed[..10]),
            Control(1, 5000, [1, 2, 3]),
            Control(1, packed.Length, packed),
            Control(1, -1, packed),
            Control(1, ControlEnvelope.MaxMessageLength + 1, packed));
    }

    [Fact]
    public void A_small_control_message_that_would_unpack_to_64_MiB_takes_the_memory_it_states_and_no_more()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int i = 0; i < 64; i++)
                gzip.Write(new byte[1 << 20]);
        }

        byte[] body = [.. new byte[17], .. packed.ToArray()];
        body[8] = 1;
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(13), (int)packed.Length);
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(9), ControlEnvelope.MaxMessageLength);
        Assert.True(packed.Length < ControlEnvelope.MaxMessageLength);

        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<P2PException>(() => ControlEnvelope.Decode(body));
        Assert.Equal(P2PErrorCode.ProtocolError, error.Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * ControlEnvelope.MaxMessageLength);
    }

    [Fact]
    public void Every_abort_code_reads_back_and_one_from_the_future_is_a_failure()
    {
        foreach (P2PErrorCode code in Enum.GetValues<P2PErrorCode>())
            Assert.Equal((code, "The disk is full."), AbortRecord.Parse(Body(AbortRecord.Encode(code, "The disk is full."))));
        Assert.Equal((P2PErrorCode.Failure, "x"), AbortRecord.Parse("\u0006Future\0\u0001x"u8));
        Assert.Equal((P2PErrorCode.Failure, "x"), AbortRecord.Parse("\u00014\0\u0001xy"u8));
        Assert.Equal((P2PErrorCode.Failure, "x"), AbortRecord.Parse("\u0006Future\0\u0009x"u8));
    }

    [Fact]
    public void The_sentence_of_an_abort_cannot_steer_a_terminal()
    {
        string message = AbortRecord.Parse([7, .. "Failure\0\u001a\u001b[2Jgone\r\nline \u202egnp.exe"u8]).Message;
        Assert.Equal("\\x1b[2Jgone\\x0d\\x0aline \\u202egnp.exe", message);
        Assert.Equal(1024, AbortRecord.Parse([7, .. "Failure\u0010\0"u8, .. Enumerable.Repeat((byte)'a', 4096)]).Message.TrimEnd('…').Length);
    }

    [Fact]
    public void A_malformed_abort_is_still_an_abort()
    {
        foreach (byte[] body in (byte[][])[[], [0], [5, 65], [1, (byte)'7'], [3, (byte)'A', (byte)',', (byte)'B'], [1, 65, 0xff]])
            Assert.Equal(P2PErrorCode.Failure, AbortRecord.Parse(body).Code);
    }

    [Fact]
    public void An_abort_and_a_control_message_tell_a_relay_the_class_of_their_length_only()
    {
        Assert.Equal(AbortRecord.Encode(P2PErrorCode.Cancelled, "").Length, AbortRecord.Encode(P2PErrorCode.Failure, new string('a', 200)).Length);
        foreach (int length in (int[])[1, 2, LengthClass.LeastControl])
            Assert.Equal(LengthClass.LeastControl, ControlEnvelope.Encode(0, new byte[length]).Length - 18);
        foreach (int length in (int[])[LengthClass.LeastControl + 1, 256, 257, 300, 4096])
            Assert.Equal(LengthClass.Of(length), ControlEnvelope.Encode(0, new byte[length]).Length - 18);
    }

    [Fact]
    public void Whatever_bytes_come_a_parser_reads_them_or_says_protocol_error()
    {
        byte[][] seeds =
        [
            [.. new byte[12], 5, 0, 0, 0, 5, 1, 2, 3, 4, 5],
            Body(new AckState(1, 2, [new ChunkRange(4, 1), new ChunkRange(9, 100)]).Encode()),
            Body(ControlEnvelope.Encode(1, new byte[5000])),
            Body(ControlEnvelope.Encode(1, "{}"u8)),
            Body(AbortRecord.Encode(P2PErrorCode.Cancelled, "Stopped.")),
        ];
        var random = new Random(20260101);
        int read = 0;
        for (int i = 0; i < 5_000; i++)
        {
            byte[] body = Mutate(random, seeds[random.Next(seeds.Length)]);
            read += Try(() => ChunkHeader.Parse(body));
            read += Try(() =>
            {
                AckState ack = AckState.Parse(body);
                Assert.Equal(body, Body(ack.Encode()));
            });
            read += Try(() => ControlEnvelope.Decode(body));
            read += Try(() => AbortRecord.Parse(body));
            read += Try(() => Hello.Parse(body, ProtocolVersion.Current));
        }

        Assert.True(read >= 500, "The fuzzer found too few bodies that can be read to be worth anything.");

        static int Try(Action parse)
        {
            try
            {
                parse();
                return 1;
            }
            catch (P2PException e) when (e.Code is P2PErrorCode.ProtocolError or P2PErrorCode.VersionMismatch)
            {
                return 0;
            }
        }
    }

    private static byte[] Mutate(Random random, byte[] seed)
    {
        List<byte> body = [.. seed];
        for (int edits = random.Next(4); edits > 0; edits--)
        {
            int at = random.Next(body.Count + 1);
            switch (random.Next(4))
            {
                case 0 when at < body.Count:
                    body[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < body.Count:
                    body[at] = (byte)random.Next(256);
                    break;
                case 2:
                    body.InsertRange(at, new byte[random.Next(20)]);
                    break;
                default:
                    body.RemoveRange(at, random.Next(body.Count - at + 1));
                    break;
            }
        }

        return [.. body];
    }

    /// <summary>Numbers of every size from 0 to 2⁶² - 1.</summary>
    internal static Gen<long> Longs()
        => from high in Gen.Choose(0, int.MaxValue)
           from low in Gen.Choose(0, int.MaxValue)
           from shift in Gen.Choose(0, 62)
           select (((long)high << 31) | (uint)low) >> shift;

    internal static void AssertMalformed(Func<byte[], object> parse, params byte[][] bodies)
    {
        foreach (byte[] body in bodies)
        {
            var error = Assert.Throws<P2PException>(() => parse(body));
            Assert.Equal(P2PErrorCode.ProtocolError, error.Code);
        }
    }

    /// <summary>A record without its type: what a parser gets.</summary>
    internal static byte[] Body(byte[] record) => record[1..];

    private static byte[] Gzip(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(data);
        return packed.ToArray();
    }

    private sealed class Noise(int seed, int alphabet)
    {
        private readonly Random _random = new(seed);

        public byte Next(int index) => (byte)_random.Next(alphabet);
    }
}
