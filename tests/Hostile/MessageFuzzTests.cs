using System.Globalization;
using System.Text;
using P2PCopy.Compression;
using P2PCopy.Session.Messages;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Tests.Hostile;

/// <summary>
/// Seeded random input for what a peer with the code can reach. <c>P2PCOPY_FUZZ_ITERATIONS=1000000</c> makes it long; a failure
/// names its seed.
/// </summary>
[Collection(nameof(AloneCollection))]
public sealed class MessageFuzzTests
{
    private const int RawLength = 64 << 10;

    private static readonly string[] Parts =
    [
        "null", "true", "-1", "0", "9223372036854775807", "1e99", "\"\"", "\"\\ud800\"", "[]", "{}", "[[[[[[[[[[", "{\"i\":0}", ",", ":", "\"a\":1,", "\"AAAA\"",
    ];

    private static int Iterations => int.TryParse(Environment.GetEnvironmentVariable("P2PCOPY_FUZZ_ITERATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 5000;

    [Fact]
    public void Broken_control_messages_are_protocol_errors_and_leave_nothing_behind()
    {
        byte[][] good = [.. HostileNumberTests.Messages.Select(row => Encoding.UTF8.GetBytes(row.Data))];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int seed = 0; seed < Iterations; seed++)
        {
            var random = new Random(seed);
            byte[] message = Break(good[random.Next(good.Length)], random);
            try
            {
                ControlMessage read = ControlJson.Decode(message);
                byte[] written = ControlJson.Encode(read);
                Assert.Equal(written, ControlJson.Encode(ControlJson.Decode(written)));
            }
            catch (P2PException e) when (e.Code == P2PErrorCode.ProtocolError)
            {
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 << 20);
    }

    [Fact]
    public void Broken_chunks_are_refused_and_write_nothing_beyond_their_length()
    {
        byte[] raw = new byte[RawLength];
        for (int i = 0; i < raw.Length; i++)
            raw[i] = (byte)(i % 251 * (i >> 12));
        byte[][] packed = [.. ChunkCodecs.Available.Select(codec =>
        {
            byte[] buffer = new byte[RawLength];
            return buffer[..codec.TryCompress(raw, buffer, codec.Levels[0].Level)];
        })];
        byte[] output = new byte[RawLength + 64];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int seed = 0; seed < Iterations; seed++)
        {
            var random = new Random(seed);
            IChunkCodec codec = ChunkCodecs.Available[seed % ChunkCodecs.Available.Count];
            byte[] payload = Break(packed[seed % packed.Length], random);
            byte[] body = new byte[ChunkHeader.Length + payload.Length];
            new ChunkHeader(random.NextInt64(), (byte)codec.Id, random.Next(2) == 0, random.Next(9) == 0 ? random.Next() : RawLength, random.Next(9) == 0 ? random.Next() : payload.Length).Write(body);
            payload.CopyTo(body, ChunkHeader.Length);
            if (random.Next(3) == 0)
                body[random.Next(ChunkHeader.Length)] = (byte)random.Next(256);
            try
            {
                ChunkHeader header = ChunkHeader.Parse(body);
                if (ChunkCodecs.Find((CodecId)header.Codec) is { } found && header.RawLength <= RawLength && header.Codec != (byte)CodecId.Raw)
                    found.Decompress(body.AsSpan(ChunkHeader.Length, header.PayloadLength), output.AsSpan(0, header.RawLength));
            }
            catch (Exception e) when (e is InvalidDataException or P2PException { Code: P2PErrorCode.ProtocolError })
            {
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }

            Assert.False(output.AsSpan(RawLength).ContainsAnyExcept((byte)0), $"seed {seed}");
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 << 20);
    }

    private static byte[] Break(byte[] good, Random random)
    {
        List<byte> bytes = [.. good];
        for (int edits = random.Next(1, 6); edits > 0; edits--)
        {
            int at = random.Next(bytes.Count + 1);
            int count = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, count);
                    break;
                case 2:
                    bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, count));
                    break;
                case 3:
                    bytes.RemoveRange(at, count);
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Parts[random.Next(Parts.Length)]));
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Parts[random.Next(Parts.Length)]));
                    break;
            }
        }

        return [.. bytes];
    }
}
