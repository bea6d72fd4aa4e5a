using System.Net.Security;
using System.Runtime.CompilerServices;
using P2PCopy.Transport.Streams;

namespace P2PCopy.Relay.Hosting;

/// <summary>
/// TLS with a client. It reads on while the next record has already arrived. Reading one record at a time would make every later
/// step, above all the writes, as small and as frequent.
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
                break; // the next call returns the end again
            count += more;
        }

        return count;
    }
}
