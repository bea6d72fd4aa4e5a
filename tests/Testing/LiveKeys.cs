using P2PCopy.Session.Crypto;

namespace P2PCopy.Tests.Testing;

/// <summary>Whether the keys of a session were cleared.</summary>
internal static class LiveKeys
{
    private static readonly byte[] OfZeros = new SessionKeys(new byte[32]).Trailer();

    public static bool AreCleared(SessionKeys keys)
    {
        try
        {
            return keys.Trailer().AsSpan().SequenceEqual(OfZeros);
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
