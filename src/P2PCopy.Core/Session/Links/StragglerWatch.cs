namespace P2PCopy.Session.Links;

/// <summary>
/// Finds, at the receiver, a link without which the others would be faster. Chunks are taken in order, so a link that is
/// much slower than the others makes them wait: the window fills with what they brought. One for which they wait more than
/// half of the time costs more than it brings.
/// </summary>
internal sealed class StragglerWatch(TimeProvider time)
{
    /// <summary>Waiting beyond half of the time that is endured: TCP may need a second or two to get over losses.</summary>
    private static readonly TimeSpan Endured = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly State[] _states = [.. Enumerable.Range(0, PeerSession.MaxStreams).Select(_ => new State())]; // by stream

    /// <summary>A chunk came for which the others had waited.</summary>
    /// <returns>True when its link is to be given up.</returns>
    public bool IsStraggler(int stream, TimeSpan waited)
    {
        // Without stream 0 there is no session.
        if (stream == 0 || waited <= TimeSpan.Zero)
            return false;
        lock (_lock)
        {
            State state = _states[stream];
            long now = time.GetTimestamp();
            TimeSpan left = state.Waited - (time.GetElapsedTime(state.At, now) / 2);
            (state.At, state.Waited) = (now, left > TimeSpan.Zero ? left + waited : waited);

            // A single chunk may have been carried by another link, which was lost.
            if (left <= TimeSpan.Zero || state.Waited < Endured)
                return false;
            (state.Waited, state.GivenUpAt) = (TimeSpan.Zero, now);
            state.RestLength = state.RestLength == TimeSpan.Zero ? FirstRest : 2 * state.RestLength;
            return true;
        }
    }

    /// <summary>How long yet to do without a stream whose link was given up: twice as long each time.</summary>
    public TimeSpan Rest(int stream)
    {
        lock (_lock)
        {
            State state = _states[stream];
            TimeSpan left = state.RestLength - time.GetElapsedTime(state.GivenUpAt);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private sealed class State
    {
        /// <summary>How much longer than half of the time the others have waited for it.</summary>
        public TimeSpan Waited { get; set; }

        /// <summary>When that was so.</summary>
        public long At { get; set; }

        public long GivenUpAt { get; set; }

        public TimeSpan RestLength { get; set; }
    }
}
