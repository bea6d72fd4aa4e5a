using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using P2PCopy.Relay.Frames;
using P2PCopy.Relay.Http;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>
/// Seeded random input for the two parsers that strangers reach. <c>P2PCOPY_FUZZ_ITERATIONS=1000000</c> makes it long;
/// a failure names its seed.
/// </summary>
public class RelayFuzzTests
{
    private const int BufferAt = FrameDecoder.MaxLeftover + 16;

    // One for all inputs: making it would take longer than decoding.
    private readonly byte[] _buffer = new byte[BufferAt + 70_000];

    private static int Iterations => int.TryParse(Environment.GetEnvironmentVariable("P2PCOPY_FUZZ_ITERATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 2000;

    [Fact]
    public void Good_frames_in_any_pieces_come_out_as_the_same_messages()
    {
        for (int seed = 0; seed < Iterations; seed++)
        {
            var random = new Random(seed);
            using var input = new MemoryStream();
            List<byte[]> messages = WriteMessages(random, input);
            var output = new List<byte>();
            (FrameEvent end, _) = Decode(random, input.ToArray(), output);

            Assert.True(end == FrameEvent.NeedMore, $"seed {seed}: {end}");
            List<byte[]> got = ReadServerFrames(output, seed, out bool open);
            Assert.False(open, $"seed {seed}");
            Assert.True(messages.Count == got.Count && messages.Zip(got).All(p => p.First.AsSpan().SequenceEqual(p.Second)), $"seed {seed}");
        }
    }

    [Fact]
    public void Broken_frames_never_break_the_decoder_and_what_comes_out_is_always_well_formed()
    {
        for (int seed = 0; seed < Iterations; seed++)
        {
            var random = new Random(seed);
            using var input = new MemoryStream();
            WriteMessages(random, input);
            byte[] bytes = input.ToArray();
            for (int flips = random.Next(1, 6); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(Math.Min(bytes.Length, random.Next(2) == 0 ? 16 : int.MaxValue))] = (byte)random.Next(256);

            var output = new List<byte>();
            (FrameEvent end, FrameDecoder decoder) = Decode(random, bytes, output);
            ReadServerFrames(output, seed, out bool open);
            Assert.True(open == decoder.IsInsideMessage, $"seed {seed}");
            if (end == FrameEvent.Broken)
                Assert.True((int)decoder.Problem.Status is 1002 or 1008 or 1009 && decoder.Problem.Reason.Length is > 0 and <= 123, $"seed {seed}");
        }
    }

    [Fact]
    public void A_changed_head_is_refused_or_has_one_meaning_only()
    {
        string[] grains = ["\r\n", "\n", "\r", " ", "\t", ":", "\0", "Host: a\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "%", "..", "?", "&", "é"];
        byte[] good = Encoding.Latin1.GetBytes(RawClient.JoinHead(TestRelay.Room, "send"));
        int taken = 0;
        for (int seed = 0; seed < Iterations; seed++)
        {
            var random = new Random(seed);
            List<byte> head = [.. good];
            for (int changes = random.Next(0, 4); changes > 0; changes--)
            {
                int at = random.Next(head.Count);
                switch (random.Next(3))
                {
                    case 0:
                        head[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        head.RemoveRange(at, Math.Min(random.Next(1, 30), head.Count - at));
                        break;
                    default:
                        head.InsertRange(at, Encoding.Latin1.GetBytes(grains[random.Next(grains.Length)]));
                        break;
                }
            }

            byte[] bytes = [.. head];
            RequestHead? parsed = RequestHead.Parse(bytes, out Refusal? refusal);
            Assert.True(parsed is null != refusal is null, $"seed {seed}");
            if (parsed is null)
            {
                Assert.True(refusal!.Sentence.All(c => c is >= ' ' and <= '~'), $"seed {seed}");
                continue;
            }

            taken++;
            string text = Encoding.Latin1.GetString(bytes);
            Assert.True(
                text.All(c => c is (>= ' ' and <= '~') or '\r' or '\n' or '\t')
                && text.Replace("\r\n", "", StringComparison.Ordinal).IndexOfAny(['\r', '\n']) < 0
                && !text.Contains("\r\nTransfer-Encoding:", StringComparison.OrdinalIgnoreCase)
                && text.Split("\r\n").Count(l => l.StartsWith("host:", StringComparison.OrdinalIgnoreCase)) is var hosts && (hosts == 1 || (hosts == 0 && parsed.IsHttp10)),
                $"seed {seed}: {text}");
            _ = JoinRequest.IsRoomPath(parsed.Path) ? JoinRequest.Parse(parsed, out _) : null;
        }

        Assert.InRange(taken, Iterations / 10, Iterations);
    }

    private static List<byte[]> WriteMessages(Random random, MemoryStream to)
    {
        var messages = new List<byte[]>();
        for (int count = random.Next(1, 6); count > 0; count--)
        {
            using var message = new MemoryStream();
            int fragments = random.Next(1, 4);
            for (int i = 0; i < fragments; i++)
            {
                byte[] payload = new byte[random.Next(60) switch { < 5 => 0, < 15 => random.Next(120, 130), 15 => random.Next(65_530, 65_540), _ => random.Next(1, 400) }];
                random.NextBytes(payload);
                message.Write(payload);
                to.Write(RawClient.Frame(i == 0 ? 2 : 0, payload, final: i == fragments - 1));
                if (random.Next(4) == 0)
                    to.Write(RawClient.Frame(random.Next(2) == 0 ? 9 : 10, new byte[random.Next(126)]));
            }

            messages.Add(message.ToArray());
        }

        return messages;
    }

    private (FrameEvent End, FrameDecoder Decoder) Decode(Random random, byte[] bytes, List<byte> output)
    {
        var decoder = new FrameDecoder(1 << 20);
        byte[] buffer = _buffer;
        int largest = random.Next(2) == 0 ? 20 : 70_000;
        for (int at = 0; at < bytes.Length;)
        {
            int count = Math.Min(random.Next(1, largest + 1), bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(buffer.AsSpan(BufferAt));
            at += count;
            int read = decoder.Prepend(buffer, BufferAt);
            FrameEvent happened;
            do
            {
                int written = 0;
                happened = decoder.Decode(buffer, ref read, BufferAt + count, ref written, allowData: true, stopAtMessageEnd: random.Next(3) == 0);
                Assert.InRange(written, 0, read);
                output.AddRange(buffer.AsSpan(0, written));
                if (happened is FrameEvent.Broken or FrameEvent.Close)
                    return (happened, decoder);
            }
            while (happened != FrameEvent.NeedMore);
        }

        return (FrameEvent.NeedMore, decoder);
    }

    private static List<byte[]> ReadServerFrames(List<byte> output, int seed, out bool open)
    {
        byte[] bytes = [.. output];
        var messages = new List<byte[]>();
        using var message = new MemoryStream();
        open = false;
        for (int at = 0; at < bytes.Length;)
        {
            int opcode = bytes[at] & 0x7F;
            bool final = (bytes[at] & 0x80) != 0;
            Assert.True(opcode == (open ? 0 : 2), $"seed {seed}: opcode {opcode}");
            int length = bytes[at + 1];
            at += 2;
            if (length == 126)
            {
                length = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at));
                at += 2;
            }
            else if (length == 127)
            {
                length = (int)BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at));
                at += 8;
            }

            message.Write(bytes, at, length);
            at += length;
            open = !final;
            if (final)
            {
                messages.Add(message.ToArray());
                message.SetLength(0);
            }
        }

        return messages;
    }
}
