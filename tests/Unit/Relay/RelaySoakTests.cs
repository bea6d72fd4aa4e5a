using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using P2PCopy.Relay.Hosting;
using P2PCopy.Relay.Rooms;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>
/// Clients of every kind come and go, and at the end nothing of them is left: no connection, room, task, timer or handle.
/// <c>P2PCOPY_SOAK_SECONDS=600</c> makes it long.
/// </summary>
[Collection(nameof(AloneCollection))]
public class RelaySoakTests
{
    private const int Workers = 6;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(60);

    // Every task of a connection holds its member, and the member its stream: once all of them are collected, no task is left.
    private readonly ConcurrentDictionary<long, WeakReference> _members = new();
    private readonly ConcurrentDictionary<int, long> _done = new();
    private long _seen;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static int Seconds => int.TryParse(Environment.GetEnvironmentVariable("P2PCOPY_SOAK_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 3;

    [Fact]
    public async Task Clients_that_come_and_go_leave_no_connection_room_task_timer_or_handle()
    {
        using var certificates = new TestCertificates();
        await using TestRelay plain = await StartAsync(null);
        await using TestRelay secure = await StartAsync(certificates);

        // Once through everything, so that what is made once is there.
        for (int kind = 0; kind < Kinds; kind++)
            await VisitAsync(kind, 1000 + kind, plain, secure, certificates);
        await GoneAsync(plain, secure);
        await SettleAsync();
        (int handles, long timers) = (Handles(), Timer.ActiveCount);
        Dictionary<string, int> kinds = HandlesByKind();

        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            while (clock.Elapsed.TotalSeconds < Seconds)
            {
                int kind = random.Next(Kinds);
                await VisitAsync(kind, random.Next(), plain, secure, certificates);
                _done.AddOrUpdate(kind, 1, (_, n) => n + 1);
                await Task.Delay(Pause, Cancel);
            }
        })));

        await GoneAsync(plain, secure);
        await SettleAsync((handles, timers));
        foreach (RelayHub hub in (RelayHub[])[plain.Server.Hub, secure.Server.Hub])
            Assert.Equal((0, 0, 0, 0), (hub.MemberCount, hub.Rooms.Waiting, hub.Rooms.Pairs, hub.Admission.Connections));
        int left = _members.Values.Count(m => m.IsAlive);
        Assert.True(left == 0, $"{left} of {_members.Count} members are still held.");
        // The test's own runner may have opened or closed one or two.
        Assert.True(Handles() <= handles + 3, $"{Handles()} handles, {handles} before. More of: {string.Join(", ", HandlesByKind().Select(k => (k.Key, More: k.Value - kinds.GetValueOrDefault(k.Key))).Where(k => k.More > 0).Select(k => $"{k.More} {k.Key}"))}.");
        Assert.InRange(Timer.ActiveCount, 0, timers + 3);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{clock.Elapsed.TotalSeconds:f0} s, {_done.Values.Sum()} visits of {_done.Count} kinds, {_members.Count} members seen, 0 left; handles {handles} -> {Handles()}, timers {timers} -> {Timer.ActiveCount}");
    }

    private const int Kinds = 11;

    private async Task VisitAsync(int kind, int seed, TestRelay plain, TestRelay secure, TestCertificates certificates)
    {
        string room = Convert.ToHexString(SHA256.HashData(BitConverter.GetBytes((kind * 1_000_003L) + seed)))[..22];
        byte[] message = new byte[1 + (seed % 200_000)];
        switch (kind)
        {
            case 0 or 1:
                (IMessageChannel sender, IMessageChannel receiver) = await (kind == 0 ? plain.PairAsync(room) : secure.PairAsync(room, certificates));
                Note(plain, secure);
                await Task.WhenAll(sender.SendAsync(message, Cancel).AsTask(), receiver.ReceiveAsync(new byte[200_001], Cancel).AsTask());
                if (seed % 2 == 0)
                    sender.Abort();
                await sender.DisposeAsync();
                await receiver.DisposeAsync();
                break;
            case 2:
                // Waits and vanishes.
                using (RawClient waiting = await RawClient.JoinAsync(plain.Address, room, "send"))
                {
                    await waiting.ExpectHintAsync("waiting");
                    Note(plain, secure);
                }

                break;
            case 3:
                // Joins again as the same member.
                using (RawClient old = await RawClient.JoinAsync(plain.Address, room, "receive"))
                using (RawClient again = await RawClient.JoinAsync(plain.Address, room, "receive"))
                {
                    Note(plain, secure);
                    await again.ExpectHintAsync("waiting");
                    await old.ReadCloseAsync();
                }

                break;
            case 4:
                // Vanishes in the middle of a message.
                using (RawClient first = await RawClient.JoinAsync(plain.Address, room, "send"))
                using (RawClient second = await RawClient.JoinAsync(plain.Address, room, "receive"))
                {
                    await second.ExpectHintAsync("paired");
                    Note(plain, secure);
                    byte[] frame = RawClient.Frame(2, message);
                    await first.SendAsync(frame.AsMemory(0, frame.Length / 2));
                    first.Dispose();
                    await second.ReadCloseAsync();
                }

                break;
            case 5:
                // Never reads.
                using (RawClient first = await RawClient.JoinAsync(plain.Address, room, "send"))
                using (RawClient second = await RawClient.JoinAsync(plain.Address, room, "receive"))
                {
                    Note(plain, secure);
                    await first.ExpectHintAsync("waiting");
                    await first.ExpectHintAsync("paired");
                    await first.SendAsync(RawClient.Frame(2, message));
                }

                break;
            case 6:
                // Half a head.
                using (RawClient slow = await RawClient.ConnectAsync(plain.Address))
                    await slow.SendAsync("GET /p2p/");
                break;
            case 7:
                // Half a TLS handshake.
                using (RawClient half = await RawClient.ConnectAsync(secure.Address))
                    await half.SendAsync(new byte[] { 22, 3, 1, 2, 0, 1 });
                break;
            case 8:
                using (RawClient garbage = await RawClient.ConnectAsync(seed % 2 == 0 ? plain.Address : secure.Address))
                {
                    await garbage.SendAsync(message.AsMemory(0, Math.Min(message.Length, 500)));
                    await garbage.ReadAllAsync();
                }

                break;
            case 9:
                using (RawClient health = await RawClient.ConnectAsync(plain.Address))
                {
                    await health.SendAsync("GET /metrics HTTP/1.0\r\n\r\n");
                    await health.ReadAllAsync();
                }

                break;
            default:
                // Data before the pair: ended by the relay.
                using (RawClient early = await RawClient.JoinAsync(plain.Address, room, "send"))
                {
                    Note(plain, secure);
                    await early.SendAsync(RawClient.Frame(2, [1, 2, 3]));
                    await early.ReadCloseAsync();
                }

                break;
        }
    }

    private void Note(params TestRelay[] relays)
    {
        foreach (Member member in relays.SelectMany(r => r.Server.Hub.Members))
            _members.TryAdd(Interlocked.Increment(ref _seen), new WeakReference(member));
    }

    private static Task<TestRelay> StartAsync(TestCertificates? certificates) => TestRelay.StartAsync(o => o with
    {
        Certificate = certificates?.CertificateFile,
        Key = certificates?.KeyFile,
        MaxJoinsPerMinutePerAddress = 0,
        OnEvent = null,
    });

    private static async Task GoneAsync(params TestRelay[] relays)
        => await TestRelay.Until(() => relays.All(r => r.Server.OpenConnectionCount == 0));

    // What ends a little later (a client that lingers for up to 10 s, a socket's finalizer) gets its time: until there is no
    // more than at the beginning, or, at the beginning, until nothing has gone for a while.
    private async Task SettleAsync((int Handles, long Timers)? beginning = null)
    {
        var clock = Stopwatch.StartNew();
        (int Handles, long Timers) least = (int.MaxValue, long.MaxValue);
        double leastAt = 0;
        while (clock.Elapsed.TotalSeconds < 12)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(100, Cancel);
            (int Handles, long Timers) now = (Handles(), Timer.ActiveCount);
            if (now.Handles < least.Handles || now.Timers < least.Timers)
            {
                least = (Math.Min(now.Handles, least.Handles), Math.Min(now.Timers, least.Timers));
                leastAt = clock.Elapsed.TotalSeconds;
            }

            bool settled = beginning is { } b ? now.Handles <= b.Handles && now.Timers <= b.Timers : clock.Elapsed.TotalSeconds - leastAt > 1.5;
            if (settled && !_members.Values.Any(m => m.IsAlive))
                return;
        }
    }

    // What they are, where the system tells: so that a leak has a name.
    private static Dictionary<string, int> HandlesByKind()
    {
        var kinds = new Dictionary<string, int>();
        if (!Directory.Exists("/proc/self/fd"))
            return kinds;
        foreach (FileInfo handle in new DirectoryInfo("/proc/self/fd").EnumerateFiles())
        {
            string kind = handle.LinkTarget is { } target ? target.Split(":[")[0] : "gone";
            kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
        }

        return kinds;
    }

    // Assemblies that were loaded late stay open, and are no leak.
    private static int Handles()
    {
        if (Directory.Exists("/proc/self/fd"))
            return HandlesByKind().Where(k => Path.GetExtension(k.Key) is not (".dll" or ".pdb" or ".so")).Sum(k => k.Value);
        using var self = Process.GetCurrentProcess();
        return self.HandleCount;
    }
}
