namespace P2PCopy.Session.Delivery;

/// <summary>
/// How many chunks each connection has on its way, and whether it may take another one. Every link has an equal part of the window;
/// what the division leaves over goes one by one to those that are free first. So a link that comes up later than the others
/// finds chunks too. Not safe for several threads.
/// </summary>
internal sealed class ConnectionLoads
{
    private const int Most = 64; // as many as there are bits in OutgoingChunk.Readers

    private readonly (int Chunks, long Since)[] _loads = new (int, long)[Most]; // since when it has sent the first of them
    private int _part;
    private int _left; // chunks of the window that belong to no part
    private int _links;

    /// <summary>Counts anew.</summary>
    /// <param name="chunks">The chunks that are not written.</param>
    /// <param name="capacity">The number of chunks in a full window.</param>
    /// <param name="links">The number of links that share it.</param>
    /// <param name="stragglers">When chunks arrived.</param>
    public void Count(List<OutgoingChunk> chunks, int capacity, int links, StragglerWatch stragglers)
    {
        _links = Math.Max(1, links);
        (_part, _left) = Math.DivRem(capacity, _links);
        Array.Clear(_loads);
        foreach (OutgoingChunk chunk in chunks)
        {
            if (chunk.Arrived)
                continue;
            if (chunk.Connection is { } connection)
                Add(connection, Math.Max(chunk.Taken.Time, stragglers.LastArrival(connection)));
            if (chunk.Copy is { } copy)
                Add(copy, Math.Max(chunk.CopyTaken.Time, stragglers.LastArrival(copy)));
        }
    }

    /// <summary>Whether the connection may take a chunk that no other one has.</summary>
    public bool MayTake(int connection)
        => _loads[connection].Chunks < _part || (_loads[connection].Chunks == _part && HaveMore(except: connection) < _left);

    /// <summary>Whether the connection may send a chunk that another one has on its way.</summary>
    public bool MayRepeat(int connection) => _loads[connection].Chunks < _part + Math.Sign(_left);

    /// <summary>Whether the connection would be the first to send one more chunk, <paramref name="slow"/> apart.</summary>
    public bool IsFreest(int connection, int slow)
    {
        if (_loads[connection].Chunks == 0)
            return true;
        int busy = 0;
        for (int i = 0; i < Most; i++)
        {
            if (i == connection || i == slow || _loads[i].Chunks == 0)
                continue;
            if (_loads[i].CompareTo(_loads[connection]) < 0)
                return false;
            busy++;
        }

        return busy >= _links - 2; // else a link has no chunk
    }

    private int HaveMore(int except)
    {
        int count = 0;
        for (int i = 0; i < Most; i++)
            count += i != except && _loads[i].Chunks > _part ? 1 : 0;
        return count;
    }

    private void Add(int connection, long begun)
    {
        (int chunks, long since) = _loads[connection];
        _loads[connection] = (chunks + 1, chunks == 0 ? begun : Math.Min(since, begun));
    }
}
