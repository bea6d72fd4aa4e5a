using System.Buffers;

namespace P2PCopy.Relay.Http;

/// <summary>Reads a request head up to its empty line, within the limits of size and time.</summary>
internal static class RequestHeadReader
{
    /// <summary>Reads one head.</summary>
    /// <returns>The head, or a refusal, or neither if the client closed the connection.</returns>
    public static async Task<(RequestHead? Head, Refusal? Refusal)> ReadAsync(Stream stream, RelayOptions options, CancellationToken cancellationToken)
    {
        using var timeLimit = new CancellationTokenSource(options.HeadTimeout, options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeLimit.Token);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(options.MaxHeadBytes);
        int length = 0;
        try
        {
            while (true)
            {
                int n = await stream.ReadAsync(buffer.AsMemory(length, options.MaxHeadBytes - length), both.Token).ConfigureAwait(false);
                if (n == 0)
                    return default;

                // The empty line may be split between two reads.
                int from = Math.Max(0, length - 3);
                length += n;
                int end = buffer.AsSpan(from, length - from).IndexOf("\r\n\r\n"u8);
                if (end >= 0)
                {
                    end += from + 4;
                    if (end < length)
                        return (null, Refusal.Malformed("The client sent data before the answer of the relay."));
                    RequestHead? head = RequestHead.Parse(buffer.AsSpan(0, end), out Refusal? refusal);
                    return (head, refusal);
                }

                if (LooksForeign(buffer.AsSpan(0, length)))
                    return (null, Refusal.Malformed("This is not an HTTP request.", "If the client uses TLS, the relay needs `Certificate` and `Key`, or the client an address with ws:// instead of wss://."));
                if (length == options.MaxHeadBytes)
                    return (null, new Refusal(431, "head", $"The request head is longer than {options.MaxHeadBytes} bytes.", "Use a shorter `Token`, or raise `MaxHeadBytes` of the relay."));
            }
        }
        catch (OperationCanceledException) when (timeLimit.IsCancellationRequested)
        {
            return (null, new Refusal(408, "slow", $"The request head did not arrive within {options.HeadTimeout.TotalSeconds:0} s.", "Try again, or raise `HeadTimeout` of the relay."));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Every request begins with a capital letter. Anything else is refused without waiting for its end.
    private static bool LooksForeign(ReadOnlySpan<byte> head) => !char.IsAsciiLetterUpper((char)head[0]);
}
