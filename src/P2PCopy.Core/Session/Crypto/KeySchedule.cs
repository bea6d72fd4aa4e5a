using System.Buffers.Text;
using System.Security.Cryptography;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Crypto;

/// <summary>Keys that are derived from the key of a pairing (docs/protocol.md §4). All are HKDF-SHA-256 without a salt (RFC 5869).</summary>
internal static class KeySchedule
{
    /// <summary>The length of a key in bytes.</summary>
    public const int KeyLength = 32;

    /// <summary>The key with which <paramref name="role"/> proves that it has the pairing key; the caller clears it.</summary>
    public static byte[] Confirmation(byte[] pairingKey, PeerRole role)
        => Derive(pairingKey, KeyLength, "confirm", LengthValue.Part(role.WireName()));

    /// <summary>The session secret.</summary>
    public static SessionKeys Session(byte[] pairingKey) => new(Derive(pairingKey, KeyLength, "session"));

    /// <summary>HKDF with info = lv_cat("p2pcopy 1", label, parts…).</summary>
    public static byte[] Derive(byte[] input, int length, string label, params byte[][] parts)
    {
        byte[] info = LengthValue.Concat([LengthValue.Part("p2pcopy 1"), LengthValue.Part(label), .. parts]);
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, input, length, salt: [], info);
    }
}

/// <summary>The secret of a session and the keys derived from it. Safe for several threads until it is disposed.</summary>
internal sealed class SessionKeys(byte[] secret) : IDisposable
{
    /// <summary>The length of a verifier in bytes: 40 bits.</summary>
    public const int VerifierLength = 5;

    /// <summary>The key that proves on a later connection that it belongs to the session; the caller clears it.</summary>
    public byte[] RejoinProof() => KeySchedule.Derive(secret, KeySchedule.KeyLength, "proof");

    /// <summary>The key of block digests (§7).</summary>
    public byte[] BlockDigests(int length) => KeySchedule.Derive(secret, length, "blocks");

    /// <summary>The key of file trailers (§7).</summary>
    public byte[] Trailer() => KeySchedule.Derive(secret, KeySchedule.KeyLength, "trailer");

    /// <summary>
    /// The name of the session in the hello of a survivor, so that the two survivors of a session recognise each other in the
    /// code room. It reveals nothing about the secret.
    /// </summary>
    public string SurvivorName() => Base64Url.EncodeToString(KeySchedule.Derive(secret, 16, "survivor"));

    /// <summary>The value that two users may compare as four words; it reveals nothing about the keys.</summary>
    public byte[] Verifier() => KeySchedule.Derive(secret, VerifierLength, "verify");

    /// <summary>The room for one connection of the session.</summary>
    public string LinkRoom(int connectionIndex)
        => Base64Url.EncodeToString(KeySchedule.Derive(secret, 16, "room", LengthValue.Part(connectionIndex)));

    /// <summary>The record keys of one direction of one connection.</summary>
    public RecordKeys Records(LinkPurpose purpose, PeerRole direction, int connectionIndex, byte[] senderNonce, byte[] receiverNonce)
        => new(secret, purpose, direction, connectionIndex, senderNonce, receiverNonce);

    /// <summary>Clears the secret.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(secret);
}

/// <summary>How a connection was authenticated.</summary>
internal enum LinkPurpose
{
    /// <summary>By the pairing that ran on it.</summary>
    Pair,

    /// <summary>By a proof of the session secret.</summary>
    Rejoin,
}

/// <summary>The record keys of one direction of one connection, one for each epoch.</summary>
internal sealed class RecordKeys(
    byte[] secret,
    LinkPurpose purpose,
    PeerRole direction,
    int connectionIndex,
    byte[] senderNonce,
    byte[] receiverNonce)
{
    /// <summary>The 32 bytes of an epoch's AES-256 key.</summary>
    public byte[] ForEpoch(int epoch) => KeySchedule.Derive(
        secret,
        KeySchedule.KeyLength,
        "record",
        LengthValue.Part(purpose == LinkPurpose.Pair ? "pair" : "rejoin"),
        LengthValue.Part(direction.WireName()),
        LengthValue.Part(connectionIndex),
        LengthValue.Part(epoch),
        senderNonce,
        receiverNonce);
}
