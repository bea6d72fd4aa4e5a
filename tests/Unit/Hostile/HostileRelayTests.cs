using P2PCopy.Tests.Testing;
using P2PCopy.Transfer;

namespace P2PCopy.Tests.Hostile;

/// <summary>
/// A relay that does what it likes with any message. It can stop a transfer; it can never make a wrong file, nor make a
/// side believe what the other has not confirmed. <c>P2PCOPY_SEEDS</c> sets how many positions are tried (default 8).
/// </summary>
public sealed class HostileRelayTests
{
    private static readonly int Seeds = int.TryParse(Environment.GetEnvironmentVariable("P2PCOPY_SEEDS"), out int seeds) ? seeds : 8;

    public enum Attack
    {
        Alter,
        Drop,
        Repeat,
        Reorder,
        Cut,
        Truncate,
    }

    public static TheoryData<PayloadEncryption, Attack> Cases
    {
        get
        {
            var cases = new TheoryData<PayloadEncryption, Attack>();
            foreach (PayloadEncryption encryption in Enum.GetValues<PayloadEncryption>())
            {
                foreach (Attack attack in Enum.GetValues<Attack>())
                    cases.Add(encryption, attack);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task One_attack_at_any_message_makes_no_wrong_file_and_no_false_success(PayloadEncryption encryption, Attack attack)
        => await Parallel.ForAsync(0, Seeds, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (seed, _) =>
        {
            // The first messages, where the protocol is densest, and then positions all over the transfer.
            int position = seed < 6 ? seed * 2 : new Random(seed).Next(40);
            await RunAsync(encryption, new Attacker(attack, seed, n => n == position), mustSucceed: false);
        });

    [Theory]
    [InlineData(PayloadEncryption.On, Attack.Alter)]
    [InlineData(PayloadEncryption.Off, Attack.Alter)]
    public async Task Attacks_without_end_end_the_transfer_without_a_wrong_file(PayloadEncryption encryption, Attack attack)
        => await RunAsync(encryption, new Attacker(attack, 1, n => n > 8 && n % 5 == 0), mustSucceed: false);

    [Fact]
    public async Task A_single_cut_in_the_middle_is_survived()
        => await RunAsync(PayloadEncryption.On, new Attacker(Attack.Cut, 1, n => n == 20), mustSucceed: true);

    [Fact]
    public async Task Content_that_is_altered_in_clear_with_its_checksum_mended_is_found_by_the_digest()
    {
        using TransferPair pair = MakePair();
        // Only plain chunks are altered, two bits far apart in a way that a person in the middle could choose freely; the
        // running checksum is then wrong as well, and the sealed records behind it do not open.
        pair.Relay.OnMessage = m =>
        {
            if (m.Bytes is [1, 1, ..] && m.Bytes.Length > 1000)
            {
                byte[] altered = [.. m.Bytes];
                altered[500] ^= 1;
                return [altered];
            }

            return [m.Bytes];
        };

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            Fast(pair.Send) with { Encryption = PayloadEncryption.Off }, Fast(pair.Receive) with { Encryption = PayloadEncryption.Off });

        Assert.False(sender.Succeeded);
        Assert.False(receiver.Succeeded);
        AssertNothingWrong(pair, sender, receiver);
    }

    private static async Task RunAsync(PayloadEncryption encryption, Attacker attacker, bool mustSucceed)
    {
        using TransferPair pair = MakePair();
        pair.Relay.OnMessage = attacker.OnMessage;

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            Fast(pair.Send) with { Encryption = encryption, ChunkSize = ChunkSizes.Smallest },
            Fast(pair.Receive) with { Encryption = encryption });

        if (mustSucceed)
        {
            Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report?.Error?.ToString());
            Assert.True(receiver.Succeeded);
        }

        AssertNothingWrong(pair, sender, receiver);
    }

    /// <summary>What is at the destination is right, and what a side calls copied is there.</summary>
    private static void AssertNothingWrong(TransferPair pair, Outcome sender, Outcome receiver)
    {
        foreach (string path in Directory.EnumerateFiles(pair.Source, "*", SearchOption.AllDirectories))
        {
            string name = System.IO.Path.GetRelativePath(pair.Folder.FullPath, path).Replace(System.IO.Path.DirectorySeparatorChar, '/');
            string copy = System.IO.Path.Combine(pair.Destination, name);
            bool exists = File.Exists(copy);
            if (exists)
                Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(copy));
            foreach (Outcome side in (Outcome[])[sender, receiver])
            {
                if (side.Report?.Files.SingleOrDefault(f => f.Name == name) is { Status: FileStatus.Copied })
                    Assert.True(exists, $"{name} was called copied and is not there");
            }
        }

        if (sender.Succeeded)
            Assert.Equal(TransferPair.Describe(pair.Source), TransferPair.Describe(System.IO.Path.Combine(pair.Destination, "source")));
    }

    private static TransferPair MakePair()
    {
        var pair = new TransferPair();
        byte[] content = new byte[1_700_000];
        new Random(11).NextBytes(content);
        pair.Write("source/random.bin", content);
        pair.Write("source/sub/text.txt", [.. Enumerable.Repeat((byte)'x', 300_000)]);
        pair.Write("source/empty", []);
        return pair;
    }

    private static SendOptions Fast(SendOptions options)
        => options with { TimeProvider = new FastTimeProvider(30), RetryTimeoutSeconds = 60, WaitTimeoutSeconds = 100 };

    private static ReceiveOptions Fast(ReceiveOptions options)
        => options with { TimeProvider = new FastTimeProvider(30), RetryTimeoutSeconds = 60, WaitTimeoutSeconds = 100 };

    private sealed class Attacker(Attack attack, int seed, Func<int, bool> when)
    {
        private readonly Lock _lock = new();
        private readonly Random _random = new(seed);
        private byte[]? _held;

        public IReadOnlyList<byte[]>? OnMessage(RelayedMessage message)
        {
            lock (_lock)
            {
                byte[] bytes = message.Bytes;
                if (_held is { } held)
                {
                    _held = null;
                    return [bytes, held];
                }

                if (!when(message.Number))
                    return [bytes];
                switch (attack)
                {
                    case Attack.Alter:
                        bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
                        return [bytes];
                    case Attack.Drop:
                        return [];
                    case Attack.Repeat:
                        return [bytes, bytes];
                    case Attack.Reorder:
                        _held = bytes;
                        return [];
                    case Attack.Truncate:
                        return [bytes[.._random.Next(bytes.Length)]];
                    default:
                        return null;
                }
            }
        }
    }
}
