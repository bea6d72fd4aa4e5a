using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Transport;

/// <summary>Happy Eyeballs (RFC 8305): one address that does not answer delays a connection by 250 ms.</summary>
public sealed class AddressRaceTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly List<Attempt> _attempts = [];

    // Whether an attempt connects although it was cancelled.
    private bool _isDeaf;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2001:db8::1 2001:db8::2 192.0.2.1 192.0.2.2", "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2")]
    [InlineData("192.0.2.1 2001:db8::1 2001:db8::2 2001:db8::3", "192.0.2.1 2001:db8::1 2001:db8::2 2001:db8::3")]
    [InlineData("192.0.2.1 192.0.2.2", "192.0.2.1 192.0.2.2")]
    public void The_families_take_turns_beginning_with_the_preferred_one(string given, string tried)
        => Assert.Equal(tried, string.Join(' ', AddressRace.Interleave([.. given.Split(' ').Select(IPAddress.Parse)])));

    [Fact]
    public async Task An_address_that_swallows_packets_costs_250_ms_and_its_attempt_is_cancelled()
    {
        Task<Stream> opening = OpenAsync("2001:db8::1", "192.0.2.1");
        Assert.Single(_attempts);
        _clock.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Single(_attempts);
        await AdvanceUntil(2);
        var winner = new MemoryStream();
        _attempts[1].Result.SetResult(winner);

        Assert.Same(winner, await opening);
        Assert.True(_attempts[0].Token.IsCancellationRequested);
        Assert.True(winner.CanRead);
    }

    [Fact]
    public async Task An_attempt_that_loses_after_it_connected_is_closed()
    {
        _isDeaf = true;
        Task<Stream> opening = OpenAsync("2001:db8::1", "192.0.2.1");
        await AdvanceUntil(2);
        _attempts[1].Result.SetResult(new MemoryStream());
        await opening;
        var loser = new MemoryStream();
        _attempts[0].Result.SetResult(loser);

        while (loser.CanRead)
            await Task.Delay(5, Cancel);
    }

    [Fact]
    public async Task After_a_failure_the_next_address_is_tried_at_once_and_the_earlier_ones_may_still_win()
    {
        Task<Stream> opening = OpenAsync("2001:db8::1", "192.0.2.1", "192.0.2.2");
        await AdvanceUntil(2);
        _attempts[1].Result.SetException(new SocketException((int)SocketError.ConnectionRefused));
        while (_attempts.Count < 3)
            await Task.Delay(5, Cancel);
        var slow = new MemoryStream();
        _attempts[0].Result.SetResult(slow);

        Assert.Same(slow, await opening);
    }

    [Fact]
    public async Task The_error_is_that_of_the_last_address()
    {
        Task<Stream> opening = OpenAsync("2001:db8::1", "192.0.2.1");
        _attempts[0].Result.SetException(new SocketException((int)SocketError.NetworkUnreachable));
        while (_attempts.Count < 2)
            await Task.Delay(5, Cancel);
        _attempts[1].Result.SetException(new SocketException((int)SocketError.ConnectionRefused));

        SocketException e = await Assert.ThrowsAsync<SocketException>(() => opening);
        Assert.Equal(SocketError.ConnectionRefused, e.SocketErrorCode);
        Assert.Equal(0, _clock.PendingTimers);
    }

    [Fact]
    public async Task A_cancelled_wait_ends_every_attempt()
    {
        using var cancel = new CancellationTokenSource();
        Task<Stream> opening = OpenAsync(cancel.Token, "2001:db8::1", "192.0.2.1");
        await AdvanceUntil(2);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        Assert.All(_attempts, attempt => Assert.True(attempt.Token.IsCancellationRequested));
    }

    [Fact]
    public async Task A_failure_of_an_attempt_is_never_left_unobserved()
    {
        ConcurrentBag<Exception> unobserved = [];
        EventHandler<UnobservedTaskExceptionEventArgs> note = (_, e) => unobserved.Add(e.Exception);
        TaskScheduler.UnobservedTaskException += note;
        try
        {
            await RaceAsync();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= note;
        }

        Assert.DoesNotContain(unobserved, e => e.ToString().Contains(nameof(A_failure_of_an_attempt_is_never_left_unobserved), StringComparison.Ordinal));

        // The first attempt fails, the third one wins, and the second one fails afterwards in a way that no dialer has.
        static async Task RaceAsync()
        {
            const string mark = nameof(A_failure_of_an_attempt_is_never_left_unobserved);
            TaskCompletionSource<Stream> late = new(TaskCreationOptions.RunContinuationsAsynchronously);
            int attempt = 0;
            await using Stream won = await AddressRace.ConnectAsync(
                [.. Enumerable.Repeat(IPAddress.Loopback, 3)],
                (_, _) => ++attempt switch
                {
                    1 => Task.FromException<Stream>(new InvalidOperationException(mark)),
                    2 => late.Task,
                    _ => Task.FromResult<Stream>(new MemoryStream()),
                },
                new FastTimeProvider(50),
                Cancel);
            late.SetException(new InvalidOperationException(mark));
        }
    }

    [Fact]
    public async Task A_literal_address_keeps_its_zone_and_no_name_service_is_asked()
    {
        IPEndPoint? dialled = null;
        var dialer = new TcpDialer(_clock)
        {
            Resolve = (_, _) => throw new InvalidOperationException("Not a name."),
            Connect = (endPoint, _) =>
            {
                dialled = endPoint;
                return Task.FromResult<Stream>(new MemoryStream());
            },
        };
        await using Stream stream = await dialer.OpenAsync("fe80::1%3", 8765, Cancel);

        Assert.Equal((3, 8765), (dialled!.Address.ScopeId, dialled.Port));
    }

    private Task<Stream> OpenAsync(params string[] addresses) => OpenAsync(Cancel, addresses);

    private Task<Stream> OpenAsync(CancellationToken cancellationToken, params string[] addresses)
        => new TcpDialer(_clock)
        {
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([.. addresses.Select(IPAddress.Parse)]),
            Connect = (endPoint, token) =>
            {
                var attempt = new Attempt(endPoint, token);
                if (!_isDeaf)
                    token.Register(() => _ = Task.Run(() => attempt.Result.TrySetCanceled(token), CancellationToken.None));
                _attempts.Add(attempt);
                return attempt.Result.Task;
            },
        }.OpenAsync("relay.example", 443, cancellationToken);

    private async Task AdvanceUntil(int attempts)
    {
        while (_attempts.Count < attempts)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Delay(1, Cancel);
        }
    }

    private sealed record Attempt(IPEndPoint EndPoint, CancellationToken Token)
    {
        public TaskCompletionSource<Stream> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
