using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace P2PCopy.Transport;

/// <summary>
/// Connects to the first of several addresses that answers (Happy Eyeballs, RFC 8305): a new attempt begins every 250 ms, or
/// at once after a failure, and earlier attempts continue meanwhile.
/// </summary>
internal static class AddressRace
{
    /// <summary>The Connection Attempt Delay of RFC 8305, section 5.</summary>
    public static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects. Attempts that lose are cancelled, and what they connected is closed.</summary>
    /// <param name="addresses">The addresses, preferred ones first; at least one.</param>
    /// <param name="connect">One attempt.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends all attempts.</param>
    /// <exception cref="SocketException">Every attempt failed; the failure of the last one.</exception>
    public static async Task<T> ConnectAsync<T>(
        IReadOnlyList<IPAddress> addresses, Func<IPAddress, CancellationToken, Task<T>> connect, TimeProvider time, CancellationToken cancellationToken)
        where T : class, IDisposable
    {
        var waiting = new Queue<IPAddress>(Interleave(addresses));
        var running = new List<Task<T>>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                if (waiting.TryDequeue(out IPAddress? address))
                    running.Add(connect(address, end.Token));
                if (await FirstAsync(running, waiting.Count > 0, time, cancellationToken).ConfigureAwait(false) is not { } ended)
                    continue;

                running.Remove(ended);
                if (ended.IsCompletedSuccessfully)
                    return await ended.ConfigureAwait(false);
                Exception? failure = ended.Exception?.InnerException; // read, so that it does not count as unobserved
                cancellationToken.ThrowIfCancellationRequested();
                if (running.Count == 0 && waiting.Count == 0)
                    ExceptionDispatchInfo.Throw(failure ?? new TaskCanceledException(ended));
            }
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            foreach (Task<T> loser in running)
                _ = CloseAsync(loser);
        }
    }

    /// <summary>The addresses with the two families in turn, beginning with the family of the first (RFC 8305, section 4).</summary>
    public static IReadOnlyList<IPAddress> Interleave(IReadOnlyList<IPAddress> addresses)
    {
        AddressFamily preferred = addresses[0].AddressFamily;
        IPAddress[] some = [.. addresses.Where(a => a.AddressFamily == preferred)];
        IPAddress[] others = [.. addresses.Where(a => a.AddressFamily != preferred)];
        var result = new List<IPAddress>(addresses.Count);
        for (int i = 0; i < Math.Max(some.Length, others.Length); i++)
        {
            if (i < some.Length)
                result.Add(some[i]);
            if (i < others.Length)
                result.Add(others[i]);
        }

        return result;
    }

    /// <returns>The first attempt that ended; null if another one is due before that.</returns>
    private static async Task<Task<T>?> FirstAsync<T>(List<Task<T>> running, bool hasNext, TimeProvider time, CancellationToken cancellationToken)
    {
        Task<Task<T>> first = Task.WhenAny(running);
        if (!hasNext)
            return await first.ConfigureAwait(false);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task delay = Task.Delay(AttemptDelay, time, stop.Token);
        if (await Task.WhenAny(first, delay).ConfigureAwait(false) == delay && delay.IsCompletedSuccessfully)
            return null;
        await stop.CancelAsync().ConfigureAwait(false);
        return await first.ConfigureAwait(false);
    }

    private static async Task CloseAsync<T>(Task<T> loser)
        where T : class, IDisposable
    {
        try
        {
            (await loser.ConfigureAwait(false)).Dispose();
        }
        catch (Exception)
        {
            // Another attempt has won, or all have ended.
        }
    }
}
