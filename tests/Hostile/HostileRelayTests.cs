using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Hostile;

/// <summary>
/// A relay that does what it likes with any message. It can stop a transfer; it can never make a wrong file, nor make a
/// side believe what the other has not confirmed. <c>P2PCOPY_SEEDS</c> sets how many positions are tried (default 8).
/// </summary>
public sealed class HostileRelayTests
{
    private static readonly int Seeds = int.TryParse(Environment.GetEnvironmentVariable("P2PCOPY_SEEDS"), out int seeds) ? seeds : 8;

    // Silence of 30 s is noticed after one.
    private const int Faster = 30;

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
    {
        int count = await CountMessagesAsync(encryption);
        int reached = 0;
        await Parallel.ForAsync(0, Seeds, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (seed, _) =>
        {
            // The first messages, where the protocol is densest, and then positions all over the transfer.
            int position = seed < 6 ? seed * 2 : new Random(seed).Next(count);
            var attacker = new Attacker(attack, seed, n => n == position);
            await RunAsync(encryption, attacker, mustSucceed: false);
            Interlocked.Add(ref reached, attacker.Attacks);
        });

        // Acks are as many as time makes them: a position near the end may not be reached.
        Assert.InRange(reached, (Seeds * 3 / 4), Seeds);
    }

    [Theory]
    [InlineData(PayloadEncryption.On, Attack.Alter)]
    [InlineData(PayloadEncryption.Off, Attack.Alter)]
    public async Task Attacks_without_end_end_the_transfer_without_a_wrong_file(PayloadEncryption encryption, Attack attack)
        => await RunAsync(encryption, new Attacker(attack, 1, n => n > 8 && n % 5 == 0), mustSucceed: false, mustFail: true);

    [Fact]
    public async Task A_single_cut_in_the_middle_is_survived()
        => await RunAsync(PayloadEncryption.On, new Attacker(Attack.Cut, 1, n => n == 20), mustSucceed: true);

    [Fact]
    public async Task Content_that_is_altered_in_clear_so_that_its_checksum_still_holds_is_found_by_the_digest()
    {
        using TransferPair pair = MakePair();
        int altered = 0;

        // A checksum is linear: adding a multiple of its polynomial, here the polynomial itself, does not change it.
        const int First = 500;
        pair.Relay.OnMessage = m =>
        {
            if (m.Bytes is not [1, 1, ..] || m.Bytes.Length <= 1000)
                return [m.Bytes];
            uint before = Crc32C.Append(0, m.Bytes);
            for (int bit = 0; bit <= 32; bit++)
            {
                const ulong Polynomial = 0x11EDC6F41; // CRC-32C, with its highest term; bits of a byte count from the lowest
                if ((Polynomial >> (32 - bit) & 1) != 0)
                    m.Bytes[First + (bit / 8)] ^= (byte)(1 << (bit % 8));
            }

            Assert.Equal(before, Crc32C.Append(0, m.Bytes));
            altered++;
            return [m.Bytes];
        };

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            pair.Send with { Encryption = PayloadEncryption.Off }, pair.Receive with { Encryption = PayloadEncryption.Off });

        Assert.NotEqual(0, altered);
        AssertNothingWrong(pair, sender, receiver);
        foreach (Outcome side in (Outcome[])[sender, receiver])
        {
            Assert.False(side.Succeeded);
            Assert.Contains(side.Report!.Files, f => f.Error == P2PErrorCode.IntegrityCheckFailed);
        }
    }

    private static async Task<int> CountMessagesAsync(PayloadEncryption encryption)
    {
        int count = 0;
        using TransferPair pair = MakePair();
        pair.Relay.OnMessage = m =>
        {
            Interlocked.Increment(ref count);
            return [m.Bytes];
        };
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            pair.Send with { Encryption = encryption, ChunkSize = OptionLimits.MinChunkSize }, pair.Receive with { Encryption = encryption });
        Assert.True(sender.Succeeded && receiver.Succeeded);
        return count;
    }

    private static async Task RunAsync(PayloadEncryption encryption, Attacker attacker, bool mustSucceed, bool mustFail = false)
    {
        using TransferPair pair = MakePair();
        pair.Relay.OnMessage = attacker.OnMessage;
        int retry = mustSucceed ? 60 * Faster : 3 * Faster;

        using var stop = new CancellationTokenSource();
        Task<Outcome> sending = Outcome.OfAsync(P2PTransfer.SendAsync(
            Fast(pair.Send) with { Encryption = encryption, ChunkSize = OptionLimits.MinChunkSize, RetryTimeout = TimeSpan.FromSeconds(retry) }, cancellationToken: stop.Token));
        Task<Outcome> receiving = Outcome.OfAsync(P2PTransfer.ReceiveAsync(
            Fast(pair.Receive) with { Encryption = encryption, RetryTimeout = TimeSpan.FromSeconds(retry) }, cancellationToken: stop.Token));

        // After one side has ended, the other may wait for it in vain.
        await Task.WhenAny(sending, receiving);
        await Task.WhenAny(Task.WhenAll(sending, receiving), Task.Delay(TimeSpan.FromSeconds(mustSucceed ? 60 : 3)));
        await stop.CancelAsync();
        (Outcome sender, Outcome receiver) = (await sending, await receiving);

        if (mustSucceed)
        {
            Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report?.Error?.ToString());
            Assert.True(receiver.Succeeded);
        }

        if (mustFail)
            Assert.False(sender.Succeeded || receiver.Succeeded);
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

            // What the sender calls copied, the receiver has confirmed.
            if (sender.Report?.Files.SingleOrDefault(f => f.Name == name) is { Status: FileStatus.Copied } && receiver.Report is { } confirmed)
                Assert.Equal(FileStatus.Copied, confirmed.Files.Single(f => f.Name == name).Status);
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
        => options with { TimeProvider = new FastTimeProvider(Faster), WaitTimeout = TimeSpan.FromSeconds(60 * Faster) };

    private static ReceiveOptions Fast(ReceiveOptions options)
        => options with { TimeProvider = new FastTimeProvider(Faster), WaitTimeout = TimeSpan.FromSeconds(60 * Faster) };

    private sealed class Attacker(Attack attack, int seed, Func<int, bool> when)
    {
        private readonly Lock _lock = new();
        private readonly Random _random = new(seed);
        private byte[]? _held;

        /// <summary>How often it has attacked.</summary>
        public int Attacks { get; private set; }

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
                Attacks++;
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
