using System.Security.Cryptography;
using System.Text;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Hostile;

/// <summary>What a relay that writes everything down can learn from an encrypted session, and do with it later.</summary>
public sealed class RecordingRelayTests
{
    [Fact]
    public async Task A_recording_shows_no_secret_name_size_or_hash()
    {
        using TransferPair pair = MakePair(out byte[] content);
        List<RelayedMessage> recording = await RecordAsync(pair);

        string[] texts = ["correct-horse-battery", "correct", "battery", "secret-name", "source", "sub", "4242", "1000003"];
        List<byte[]> needles = [.. texts.Select(Encoding.UTF8.GetBytes)];
        byte[] digest = SHA256.HashData(content);
        needles.Add(digest[..8]);
        needles.Add(Encoding.ASCII.GetBytes(Convert.ToHexString(digest)[..16]));
        needles.Add(Encoding.ASCII.GetBytes(Convert.ToHexString(digest)[..16].ToLowerInvariant()));
        needles.Add(Encoding.ASCII.GetBytes(Convert.ToBase64String(digest)[..16]));
        needles.Add(content[..16]);
        foreach (byte[] needle in needles)
        {
            // Four random bytes are met by chance in a megabyte of ciphertext; short needles are looked for in what is clear.
            IEnumerable<RelayedMessage> where = needle.Length >= 8 ? recording : recording.Where(IsJson);
            Assert.DoesNotContain(where, m => m.Bytes.AsSpan().IndexOf(needle) >= 0);
        }

        Assert.Equal(2, recording.Count(IsJson)); // the hellos, and nothing else is readable
        Assert.DoesNotContain(recording, m => m.Room.Contains("route1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_runs_of_the_same_transfer_share_no_record()
    {
        using TransferPair first = MakePair(out _);
        using TransferPair second = MakePair(out _);

        HashSet<string> records = [.. (await RecordAsync(first)).Select(m => Convert.ToHexString(m.Bytes))];

        Assert.DoesNotContain(await RecordAsync(second), m => records.Contains(Convert.ToHexString(m.Bytes)));
    }

    [Fact]
    public async Task Names_and_sizes_that_differ_a_little_give_messages_of_the_same_lengths()
    {
        using TransferPair first = MakePair("a.bin", 70_000), second = MakePair("a-name-that-says-more.bin", 70_200);

        List<int> lengths = Lengths(await RecordAsync(first));
        Assert.Equal(lengths, Lengths(await RecordAsync(second)));
        Assert.All(lengths, length => Assert.InRange(length, 1, 73_000)); // the cost: 4 %

        // Records with a payload, without the acks and heartbeats, whose number depends on the time. They hold no name, size or content.
        static List<int> Lengths(List<RelayedMessage> recording) => [.. recording.Select(m => m.Bytes.Length).Where(length => length > 256).Order()];

        static TransferPair MakePair(string name, int size)
        {
            var pair = new TransferPair();
            byte[] content = new byte[size];
            new Random(5).NextBytes(content);
            pair.Write("source/" + name, content);
            return pair;
        }
    }

    [Fact]
    public async Task Padding_of_a_small_file_is_small()
    {
        using TransferPair pair = new();
        pair.Write("source/f", new byte[100]);
        List<RelayedMessage> recording = await RecordAsync(pair);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(' ', recording.Select(m => $"{m.From}:{m.Bytes.Length}")));

        // Settings, offer and chunk of the sender; nothing else has a name or a size in it.
        Assert.Equal(3, recording.Count(m => m.Bytes.Length > 256));
        Assert.InRange(recording.Where(m => m.Bytes.Length > 100).Sum(m => m.Bytes.Length), 1000, 2000); // without the acks
    }

    [Fact]
    public async Task Messages_without_a_name_have_one_length_whatever_their_numbers_are()
    {
        // 3 files and 300 files: the offer and the content differ, and nothing else does.
        using TransferPair few = MakeMany(3), many = MakeMany(300);

        Assert.Equal(Small(await RecordAsync(few)), Small(await RecordAsync(many)));

        static List<int> Small(List<RelayedMessage> recording) => [.. recording.Where(m => m.From == PeerRole.Receive && m.Bytes.Length > 100).Select(m => m.Bytes.Length).Distinct().Order()];

        static TransferPair MakeMany(int count)
        {
            var pair = new TransferPair();
            for (int i = 0; i < count; i++)
                pair.Write($"source/{i}", [1]);
            return pair;
        }
    }

    [Fact]
    public async Task A_recording_played_to_a_new_receiver_goes_nowhere()
    {
        using TransferPair recorded = MakePair(out _);
        Queue<byte[]> sender = new((await RecordAsync(recorded)).Where(m => m.From == PeerRole.Send).Select(m => m.Bytes));
        using TransferPair pair = MakePair(out _);
        pair.Relay.OnMessage = m => m.From == PeerRole.Receive ? [] : sender.Count > 0 ? [sender.Dequeue()] : null;

        (_, Outcome receiver) = await TransferPair.RunAsync(
            pair.Send with { TimeProvider = new FastTimeProvider(50), WaitTimeout = TimeSpan.FromSeconds(60) },
            pair.Receive with { TimeProvider = new FastTimeProvider(50), WaitTimeout = TimeSpan.FromSeconds(60) });

        Assert.NotNull(receiver.Error);
        Assert.False(Directory.Exists(pair.Destination));
    }

    // Not by the first byte alone: one of 256 keys and proofs begins with it by chance.
    private static bool IsJson(RelayedMessage message) => message.Bytes is [(byte)'{', (byte)'"', .., (byte)'}'];

    private static async Task<List<RelayedMessage>> RecordAsync(TransferPair pair)
    {
        List<RelayedMessage> recording = [];
        pair.Relay.OnMessage = m =>
        {
            lock (recording)
                recording.Add(m with { Bytes = [.. m.Bytes] });
            return [m.Bytes];
        };
        (Outcome sender, _) = await pair.RunAsync();
        Assert.True(sender.Succeeded);
        return recording;
    }

    private static TransferPair MakePair(out byte[] content)
    {
        var pair = new TransferPair();
        content = new byte[1_000_003];
        new Random(5).NextBytes(content);
        pair.Write("source/secret-name.bin", content);
        pair.Write("source/sub/4242", new byte[4242]);
        return pair;
    }
}
