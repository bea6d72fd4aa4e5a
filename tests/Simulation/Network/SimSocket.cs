using System.Net;
using System.Net.Sockets;
using P2PCopy.Simulation.Scenarios;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Network;

/// <summary>A TCP socket of a simulated machine: the part of <see cref="Socket"/> that direct connections use. It is connected or listens.</summary>
internal sealed class SimSocket : IBreakable, IDisposable
{
    private readonly Universe _universe;
    private readonly Wire? _in;
    private readonly Wire? _out;
    private readonly Queue<SimSocket> _waiting = new();
    private TaskCompletionSource? _accepting;
    private ReadOnlyMemory<byte> _unread;
    private bool _isClosed;

    public SimSocket(Universe universe, SimProcess? owner, IPEndPoint local, IPEndPoint remote, Wire incoming, Wire outgoing)
    {
        (_universe, Owner, Local, Remote, _in, _out) = (universe, owner, local, remote, incoming, outgoing);
        universe.Direct.Add(this);
    }

    public SimSocket(Universe universe, SimProcess owner, int port)
    {
        (_universe, Owner, IsListening) = (universe, owner, true);
        Local = Remote = new IPEndPoint(IPAddress.Any, port);
        universe.Direct.Add(this);
    }

    public SimProcess? Owner { get; }

    public IPEndPoint Local { get; }

    public IPEndPoint Remote { get; }

    public bool IsListening { get; }

    public bool IsOpen => !_isClosed && Owner is not { IsDead: true };

    public EndPoint RemoteEndPoint => Remote;

    public bool NoDelay { get; set; }

    public void Cut()
    {
        _in!.Cut(WireEnd.Network);
        _out!.Cut(WireEnd.Network);
    }

    public void Swallow(bool incoming, bool outgoing)
    {
        if (incoming)
            _in!.Swallow();
        if (outgoing)
            _out!.Swallow();
    }

    public void Enqueue(SimSocket accepted)
    {
        _waiting.Enqueue(accepted);
        _accepting?.TrySetResult();
    }

    public async ValueTask<SimSocket> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await SimProcess.LiveAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (_waiting.TryDequeue(out SimSocket? accepted))
                return accepted;
            _accepting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _accepting.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a part of the bytes, often all.</summary>
    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, SocketFlags flags, CancellationToken cancellationToken)
    {
        Hostility.TakeContent();
        await SimProcess.LiveAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isClosed, this);
        int count = bytes.Length > 1 && _universe.Chance.Percent(5) ? _universe.Chance.Between(1, bytes.Length) : bytes.Length;
        try
        {
            await _out!.SendAsync(bytes[..count].ToArray(), cancellationToken).ConfigureAwait(false);
        }
        catch (Transport.ChannelClosedException)
        {
            throw Reset();
        }

        await SimProcess.LiveAsync().ConfigureAwait(false);
        return count;
    }

    /// <summary>Receives what has arrived, often a part of it.</summary>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, SocketFlags flags, CancellationToken cancellationToken = default)
    {
        await SimProcess.LiveAsync().ConfigureAwait(false);
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (_unread.IsEmpty)
        {
            try
            {
                _unread = await _in!.ReceiveAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Transport.ChannelClosedException) when (!_in!.IsReset)
            {
                return 0;
            }
            catch (Transport.ChannelClosedException)
            {
                throw Reset();
            }

            await SimProcess.LiveAsync().ConfigureAwait(false);
        }

        int count = Math.Min(buffer.Length, _unread.Length);
        if (count > 1 && _universe.Chance.Percent(5))
            count = _universe.Chance.Between(1, count);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }

    public void Shutdown(SocketShutdown how) => _out!.Close();

    public void Close(int timeout)
    {
        if (SimProcess.Current is not { IsDead: true })
            Dispose();
    }

    public void Dispose()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _accepting?.TrySetResult();
        while (_waiting.TryDequeue(out SimSocket? forgotten))
            forgotten.Dispose();
        _out?.Cut(WireEnd.Sender);
        _in?.Cut(WireEnd.Reader);
    }

    private static SocketException Reset() => new((int)SocketError.ConnectionReset);
}
