using System.Security.Cryptography;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Crypto;

/// <summary>
/// A stand-in for the key exchange, whose arithmetic would take most of the time of a run: both sides get the same key if they have
/// the same password and saw the same messages. It keeps nothing secret. The real one has tests of its own.
/// </summary>
internal sealed class CPace : IDisposable
{
    public const int KeyLength = SHA256.HashSizeInBytes;

    private const int ShareLength = 65;
    private const byte Uncompressed = 4;

    private readonly byte[] _context;

    private CPace(byte[] context)
    {
        _context = context;
        Share = RandomSource.Bytes(ShareLength);
        Share[0] = Uncompressed;
    }

    public byte[] Share { get; }

    public static CPace Start(byte[] password, byte[] channelId, byte[] sessionId)
        => new(LengthValue.Concat(password, channelId, sessionId));

    public static void WarmUp()
    {
    }

    public bool TryFinish(ReadOnlySpan<byte> peerShare, byte[] ownData, byte[] peerData, bool initiator, out byte[] key)
    {
        key = [];
        if (peerShare.Length != ShareLength || peerShare[0] != Uncompressed)
            return false;
        byte[] peer = peerShare.ToArray();
        key = SHA256.HashData(initiator
            ? LengthValue.Concat(_context, Share, ownData, peer, peerData)
            : LengthValue.Concat(_context, peer, peerData, Share, ownData));
        return true;
    }

    public void Dispose()
    {
    }
}
