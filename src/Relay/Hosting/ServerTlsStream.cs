using System.Net.Security;
using System.Runtime.CompilerServices;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Hosting;

/// <summary>
/// TLS with a client. It reads on while the next record is here already: one record at a time would make every step after
/// it, the writes above all, as small and as many.
/// </summary>
internal sealed class ServerTlsStream(TlsRecordStream records) : SslStream(records)
{
    /// <summary>Bytes of content in a full record (RFC 8446, section 5).</summary>
    private const int FullRecord = 16384;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        while (count > 0 && buffer.Length - count >= FullRecord && records.Available >= FullRecord)
        {
            int more = await base.ReadAsync(buffer[count..], cancellationToken).ConfigureAwait(false);
            if (more == 0)
                break; // the next call meets the end again
            count += more;
        }

        return count;
    }
}
