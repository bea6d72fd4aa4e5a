using System.Security.Cryptography;
using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Transport;

namespace P2PCopy.Session.Pairing;

/// <summary>The handshake of two sides that share a code (docs/protocol.md §3).</summary>
internal static class PairingHandshake
{
    /// <summary>Runs the handshake on a channel that a relay has just paired.</summary>
    /// <param name="channel">The channel. The link owns it afterwards; on failure it is disposed.</param>
    /// <param name="own">The hello of this side.</param>
    /// <param name="code">The code of this side.</param>
    /// <param name="timeProvider">The clock of the time-outs.</param>
    /// <param name="cancellationToken">Cancels; the channel is then disposed.</param>
    /// <returns>The session and its first link.</returns>
    /// <exception cref="HandshakeException">It came to nothing: wait for the next.</exception>
    /// <exception cref="P2PException">
    /// <see cref="P2PErrorCode.PairingFailed"/>: another code. <see cref="P2PErrorCode.VersionMismatch"/>: another major
    /// version. <see cref="P2PErrorCode.ProtocolError"/>: another encryption option, the same role, or no P2PCopy.
    /// Until the confirmation anybody may be at the other end.
    /// </exception>
    public static async Task<PairingResult> RunAsync(
        IMessageChannel channel, Hello own, PairingCode code, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        try
        {
            using var deadline = new HandshakeDeadline(channel, timeProvider, cancellationToken);
            return await RunAsync(channel, deadline, own, code, timeProvider).ConfigureAwait(false);
        }
        catch
        {
            // In order, not by force: the other side has to see the same hellos to say the same about them.
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<PairingResult> RunAsync(
        IMessageChannel channel,
        HandshakeDeadline deadline,
        Hello own,
        PairingCode code,
        TimeProvider timeProvider)
    {
        PeerRole role = own.Role;
        byte[] ownHello = own.Encode();
        await deadline.SendAsync(ownHello).ConfigureAwait(false);
        byte[] peerHello = (await deadline.ReceiveAsync().ConfigureAwait(false)).ToArray();
        deadline.HelloCame();
        Hello peer = Hello.Parse(peerHello, own.Version);
        RequireMatch(own, peer);
        if (own.Survivor is not null && peer.Survivor == own.Survivor)
            throw new HandshakeException(HandshakeFault.SameSurvivor, guessSpent: false, "The other end of the session came to the room of the code.");

        bool sender = role == PeerRole.Send;
        byte[] senderNonce = sender ? own.Nonce : peer.Nonce;
        byte[] receiverNonce = sender ? peer.Nonce : own.Nonce;
        byte[] password = LengthValue.Part(code.Secret);
        using CPace run = CPace.Start(password, ChannelId(code), [.. senderNonce, .. receiverNonce]);
        CryptographicOperations.ZeroMemory(password);
        await deadline.SendAsync(run.Share).ConfigureAwait(false);
        byte[] peerShare = (await deadline.ReceiveAsync().ConfigureAwait(false)).ToArray();
        if (!run.TryFinish(peerShare, ownHello, peerHello, initiator: sender, out byte[] key))
            throw new P2PException(P2PErrorCode.ProtocolError, "The other side sent something that is no key share, so the two sides were not paired. Try again.");

        byte[] transcript = sender
            ? LengthValue.Concat(ownHello, peerHello, run.Share, peerShare)
            : LengthValue.Concat(peerHello, ownHello, peerShare, run.Share);
        deadline.GuessSpent();
        await deadline.SendAsync(Confirmation(key, role, transcript)).ConfigureAwait(false);
        ReadOnlyMemory<byte> confirmation = await deadline.ReceiveAsync().ConfigureAwait(false);
        if (!CryptographicOperations.FixedTimeEquals(confirmation.Span, Confirmation(key, role.Other(), transcript)))
            throw WrongCode();

        SessionKeys session = KeySchedule.Session(key);
        CryptographicOperations.ZeroMemory(key);
        var link = new SecureLink(
            channel,
            session.Records(LinkPurpose.Pair, role, 0, senderNonce, receiverNonce),
            session.Records(LinkPurpose.Pair, role.Other(), 0, senderNonce, receiverNonce),
            streamIndex: 0,
            own.EncryptPayload,
            timeProvider);
        return new PairingResult(session, link, own, peer);
    }

    /// <summary>CI: who talks where, in which roles.</summary>
    internal static byte[] ChannelId(PairingCode code) => LengthValue.Concat(
        LengthValue.Part("p2pcopy"), LengthValue.Part(code.RoomName), LengthValue.Part("send"), LengthValue.Part("receive"));

    /// <summary>The proof of <paramref name="role"/> that it has the key and saw this transcript.</summary>
    internal static byte[] Confirmation(byte[] key, PeerRole role, byte[] transcript)
        => HMACSHA256.HashData(
            KeySchedule.Confirmation(key, role),
            (byte[])[.. "p2pcopy confirm"u8, .. SHA256.HashData(transcript)]);

    private static void RequireMatch(Hello own, Hello peer)
    {
        if (peer.Role == own.Role)
        {
            string verb = own.Role == PeerRole.Send ? "send" : "receive";
            throw new P2PException(P2PErrorCode.ProtocolError, $"Both sides want to {verb} with this code. Start one side as the {(own.Role == PeerRole.Send ? "receiver" : "sender")}.");
        }

        if (peer.EncryptPayload != own.EncryptPayload)
        {
            PeerRole off = own.EncryptPayload ? peer.Role : own.Role;
            string offSide = off == PeerRole.Send ? "sender" : "receiver";
            string onSide = off == PeerRole.Send ? "receiver" : "sender";
            throw new P2PException(
                P2PErrorCode.ProtocolError,
                $"The {offSide} has `Encryption Off` and the {onSide} has not. Both sides must say the same: "
                + $"remove it from the {offSide}, or give it on the {onSide} as well.");
        }
    }

    private static P2PException WrongCode() => new(
        P2PErrorCode.PairingFailed,
        "Somebody came to the meeting place with another code, and was refused. Check that both sides have the same code, letter by letter.");
}

/// <summary>Two sides that know each other.</summary>
/// <param name="Keys">The session's secret; the caller disposes it after every link.</param>
/// <param name="Link">The first link.</param>
/// <param name="Own">This side's hello.</param>
/// <param name="Peer">The other side's hello.</param>
internal sealed record PairingResult(SessionKeys Keys, SecureLink Link, Hello Own, Hello Peer)
{
    /// <summary>The version both sides speak: the smaller of the two.</summary>
    public ProtocolVersion Version => Peer.Version.Minor < Own.Version.Minor ? Peer.Version : Own.Version;
}
