namespace P2PCopy.Transport;

/// <summary>A channel that ended: expected in the life of a session, which then connects again.</summary>
internal sealed class ChannelClosedException(string reason, Exception? innerException = null)
    : Exception(reason, innerException);
