namespace P2PCopy.Relay.Events;

/// <summary>The use of one named token. Safe to use from any thread.</summary>
internal sealed class TokenUse(string name)
{
    private long _joins;
    private long _bytes;

    public string Name => name;

    public long Joins => Interlocked.Read(ref _joins);

    /// <summary>Bytes that clients with this token sent.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public void Joined() => Interlocked.Increment(ref _joins);

    public void Forwarded(int bytes) => Interlocked.Add(ref _bytes, bytes);
}
