using P2PCopy.Transport;

namespace P2PCopy.Tests.Testing;

/// <summary>The way to rooms of a side that can be killed: its connections end without a word and no new ones come.</summary>
internal sealed class KillableConnector(IRoomConnector inner) : IRoomConnector
{
    private readonly Lock _lock = new();
    private readonly List<IMessageChannel> _channels = [];
    private bool _isKilled;

    public async Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_isKilled)
                join = join with { Room = "nowhere" + Guid.NewGuid() };
        }

        IMessageChannel channel = await inner.JoinAsync(join, cancellationToken);
        lock (_lock)
            _channels.Add(channel);
        return channel;
    }

    public void Kill()
    {
        lock (_lock)
        {
            _isKilled = true;
            foreach (IMessageChannel channel in _channels)
                channel.Abort();
        }
    }
}
