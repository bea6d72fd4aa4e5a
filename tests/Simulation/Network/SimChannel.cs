using P2PCopy.Simulation.Scenarios;
using P2PCopy.Simulation.World;
using P2PCopy.Transport;

namespace P2PCopy.Simulation.Network;

/// <summary>A client's end of a connection to the relay.</summary>
internal sealed class SimChannel(Universe universe, SimRelay relay, Member member) : IMessageChannel
{
    private int _sending;
    private int _receiving;

    public long BytesReceived { get; private set; }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (Hostility.TakeContent())
            relay.Chunks++;
        if (Interlocked.Exchange(ref _sending, 1) != 0)
            throw new InvalidOperationException("Two senders use a channel at the same time.");
        try
        {
            await SimProcess.LiveAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            await member.FromClient.SendAsync(message.ToArray(), cancellationToken).ConfigureAwait(false);
            await SimProcess.LiveAsync().ConfigureAwait(false);
        }
        finally
        {
            _sending = 0;
        }
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _receiving, 1) != 0)
            throw new InvalidOperationException("Two receivers use a channel at the same time.");
        try
        {
            byte[] message = await member.ToClient.ReceiveAsync(cancellationToken).ConfigureAwait(false);
            await SimProcess.LiveAsync().ConfigureAwait(false);
            BytesReceived += message.Length;
            if (message.Length > buffer.Length)
                throw new ChannelClosedException($"A message of {message.Length} bytes is too long.");
            message.CopyTo(buffer);
            return message.Length;
        }
        catch (OperationCanceledException)
        {
            Abort(); // as a WebSocket does
            throw;
        }
        finally
        {
            _receiving = 0;
        }
    }

    public void Abort()
    {
        if (SimProcess.Current is { IsDead: true })
            return;
        member.Abort();
    }

    /// <summary>Closes in order: what was sent still arrives.</summary>
    public async ValueTask DisposeAsync()
    {
        await SimProcess.LiveAsync().ConfigureAwait(false);
        member.FromClient.Close();

        // What still arrives is discarded, and the connection is gone when the relay has closed it too.
        member.ToClient.Discard();
        await Task.Delay(TimeSpan.FromMilliseconds(universe.Chance.Between(0, 3)), universe.Clock).ConfigureAwait(false);
    }
}
