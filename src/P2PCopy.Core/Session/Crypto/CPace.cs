using System.Security.Cryptography;

namespace P2PCopy.Session.Crypto;

/// <summary>
/// One side of CPace (draft-irtf-cfrg-cpace-21), suite CPACE-P256_XMD:SHA-256_SSWU_NU_-SHA256 in the initiator-responder
/// setting: two sides that know the same password derive the same key. An attacker can check one guess at the password in
/// each run and learns nothing else.
/// </summary>
/// <remarks>
/// Revisions before 09 end the domain separation tag differently and do not interoperate. The base class library
/// multiplies points but returns only x, so a share is sent with the even y, which section 7.4 allows.
/// Not safe for several threads.
/// </remarks>
internal sealed class CPace : IDisposable
{
    /// <summary>Bytes of the resulting key.</summary>
    public const int KeyLength = SHA256.HashSizeInBytes;

    private const int HashBlockLength = 64;

    private static readonly byte[] Identifier = LengthValue.Part("CPaceP256_XMD:SHA-256_SSWU_NU_");
    private static readonly byte[] KeyIdentifier = LengthValue.Part("CPaceP256_XMD:SHA-256_SSWU_NU__ISK");
    private static readonly byte[] MapDomain = LengthValue.Part("CPaceP256_XMD:SHA-256_SSWU_NU__DST");

    private readonly ECDiffieHellman _scalar;
    private readonly byte[] _sessionId;

    private CPace(ECDiffieHellman scalar, byte[] generator, byte[] sessionId)
    {
        _scalar = scalar;
        _sessionId = sessionId;
        Share = P256.LiftToEvenY(SharedX(generator));
        CryptographicOperations.ZeroMemory(generator);
    }

    /// <summary>The public share: the message to the other side.</summary>
    public byte[] Share { get; }

    /// <summary>Starts a run.</summary>
    /// <param name="password">PRS: the shared secret.</param>
    /// <param name="channelId">CI: the context that the key is bound to.</param>
    /// <param name="sessionId">sid: new in each run and known to both sides.</param>
    /// <param name="scalar">The secret scalar, which the run owns; random by default, set by tests.</param>
    public static CPace Start(byte[] password, byte[] channelId, byte[] sessionId, ECDiffieHellman? scalar = null)
        => new(scalar ?? P256.CreateScalar(), Generator(password, channelId, sessionId), sessionId);

    /// <summary>
    /// Loads libraries and computes constants, which takes about 30 ms, while this side waits for the other one.
    /// </summary>
    public static void WarmUp()
    {
        using CPace run = Start([0], [0], [0]);
        run.TryFinish(run.Share, [], [], initiator: true, out _); // no secret is involved
    }

    /// <summary>Ends a run.</summary>
    /// <param name="peerShare">The public share of the other side.</param>
    /// <param name="ownData">AD of this side.</param>
    /// <param name="peerData">AD of the other side.</param>
    /// <param name="initiator">Whether this side is the initiator.</param>
    /// <param name="key">ISK, 32 bytes; the caller clears it.</param>
    /// <returns>False when <paramref name="peerShare"/> is not a point of the group; the run then ends.</returns>
    public bool TryFinish(ReadOnlySpan<byte> peerShare, byte[] ownData, byte[] peerData, bool initiator, out byte[] key)
    {
        key = [];
        if (!P256.IsValid(peerShare))
            return false;

        byte[] peer = peerShare.ToArray();
        byte[] secret = SharedX(peer);
        byte[] transcript = initiator
            ? LengthValue.Concat(Share, ownData, peer, peerData)
            : LengthValue.Concat(peer, peerData, Share, ownData);
        byte[] prefix = LengthValue.Concat(KeyIdentifier, _sessionId, secret);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(prefix);
        hash.AppendData(transcript);
        key = hash.GetHashAndReset();
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(prefix);
        return true;
    }

    /// <summary>Clears the scalar.</summary>
    public void Dispose() => _scalar.Dispose();

    /// <summary><c>generator_string</c> (section 7.1).</summary>
    internal static byte[] GeneratorString(byte[] password, byte[] channelId, byte[] sessionId)
    {
        int padding = HashBlockLength - 1
            - LengthValue.PrefixLength(password.Length) - password.Length
            - LengthValue.PrefixLength(Identifier.Length) - Identifier.Length;
        return LengthValue.Concat(Identifier, password, new byte[Math.Max(0, padding)], channelId, sessionId);
    }

    /// <summary><c>calculate_generator</c> (section 7.4): the encoded generator.</summary>
    internal static byte[] Generator(byte[] password, byte[] channelId, byte[] sessionId)
    {
        byte[] text = GeneratorString(password, channelId, sessionId);
        var (x, y) = HashToCurve.Encode(text, MapDomain);
        CryptographicOperations.ZeroMemory(text);
        return P256.Encode(x, y);
    }

    // scalar_mult and scalar_mult_vfy without the check: x of the product. It cannot be the point at infinity, because the
    // group has prime order and the scalar is not zero.
    private byte[] SharedX(byte[] point)
    {
        using ECDiffieHellman peer = P256.ToPublicKey(point);
        using ECDiffieHellmanPublicKey key = peer.PublicKey;
        return _scalar.DeriveRawSecretAgreement(key);
    }
}
