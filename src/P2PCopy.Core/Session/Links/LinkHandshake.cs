using System.Security.Cryptography;
using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Pairing;
using P2PCopy.Transport;

namespace P2PCopy.Session.Links;

/// <summary>The handshake of a later connection of a session (docs/protocol.md §5).</summary>
internal static class LinkHandshake
{
    /// <summary>Proves the session on a channel that was paired in the link room of its connection.</summary>
    /// <param name="channel">The channel. The link owns it afterwards; on failure it is disposed.</param>
    /// <param name="keys">The session.</param>
    /// <param name="role">The role of this side.</param>
    /// <param name="connection">The index of the connection, 0 to 15.</param>
    /// <param name="encryptPayload">What the pairing agreed on.</param>
    /// <param name="timeProvider">The clock of the time-outs.</param>
    /// <param name="cancellationToken">Cancels; the channel is then disposed.</param>
    /// <param name="choose">
    /// On the sender of a direct connection: asked when the other side has proved itself, whether this channel becomes the
    /// connection. Null proves at once.
    /// </param>
    /// <exception cref="HandshakeException">It failed: join again while the retry time lasts.</exception>
    public static async Task<SecureLink> RunAsync(
        IMessageChannel channel,
        SessionKeys keys,
        PeerRole role,
        int connection,
        bool encryptPayload,
        TimeProvider timeProvider,
        CancellationToken cancellationToken,
        Func<bool>? choose = null)
    {
        try
        {
            using var deadline = new HandshakeDeadline(channel, timeProvider, cancellationToken);
            byte[] ownNonce = RandomSource.Bytes(Hello.NonceLength);
            await deadline.SendAsync(ownNonce).ConfigureAwait(false);
            byte[] peerNonce = (await deadline.ReceiveAsync().ConfigureAwait(false)).ToArray();
            if (peerNonce.Length != Hello.NonceLength)
                throw NotOfSession();
            deadline.HelloReceived();

            byte[] senderNonce = role == PeerRole.Send ? ownNonce : peerNonce;
            byte[] receiverNonce = role == PeerRole.Send ? peerNonce : ownNonce;
            byte[] proofKey = keys.RejoinProof();
            byte[] ownProof = Proof(proofKey, role, connection, senderNonce, receiverNonce);
            if (choose is null || role == PeerRole.Receive)
                await deadline.SendAsync(ownProof).ConfigureAwait(false);
            ReadOnlyMemory<byte> proof = await deadline.ReceiveAsync().ConfigureAwait(false);
            byte[] expected = Proof(proofKey, role.Other(), connection, senderNonce, receiverNonce);
            CryptographicOperations.ZeroMemory(proofKey);
            if (!CryptographicOperations.FixedTimeEquals(proof.Span, expected))
                throw NotOfSession();
            if (choose is not null && role == PeerRole.Send)
            {
                if (!choose())
                    throw new HandshakeException(HandshakeFault.NotOfSession, isGuessCharged: false, "Another connection was chosen.");
                await deadline.SendAsync(ownProof).ConfigureAwait(false);
            }

            return new SecureLink(
                channel,
                keys.Records(LinkPurpose.Rejoin, role, connection, senderNonce, receiverNonce),
                keys.Records(LinkPurpose.Rejoin, role.Other(), connection, senderNonce, receiverNonce),
                connection,
                encryptPayload,
                timeProvider);
        }
        catch
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The proof of <paramref name="role"/> that it belongs to the session.</summary>
    internal static byte[] Proof(byte[] proofKey, PeerRole role, int connection, byte[] senderNonce, byte[] receiverNonce)
        => HMACSHA256.HashData(
            proofKey,
            LengthValue.Concat(
                LengthValue.Part("p2pcopy link"),
                LengthValue.Part(role.WireName()),
                LengthValue.Part(connection),
                senderNonce,
                receiverNonce));

    private static HandshakeException NotOfSession() => new(
        HandshakeFault.NotOfSession, isGuessCharged: false, "The other side is not the peer of this session.");
}
