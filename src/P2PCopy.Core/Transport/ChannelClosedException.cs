namespace P2PCopy.Transport;

/// <summary>A channel ended. A session expects that and connects again.</summary>
internal sealed class ChannelClosedException(string reason, Exception? innerException = null)
    : Exception(reason, innerException);
