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
    /// <param name="guesses">Charged before this side sends its confirmation, refunded when the other side proves the code.</param>
    /// <param name="timeProvider">The clock of the time-outs.</param>
    /// <param name="cancellationToken">Cancels; the channel is then disposed.</param>
    /// <returns>The session and its first link.</returns>
    /// <exception cref="HandshakeException">It failed and may succeed with the next connection.</exception>
    /// <exception cref="P2PException">
    /// <see cref="P2PErrorCode.PairingFailed"/>: another code. <see cref="P2PErrorCode.VersionMismatch"/>: another major
    /// version. <see cref="P2PErrorCode.ProtocolError"/>: the same role or no P2PCopy (both are not authenticated); or
    /// another encryption option of a side that has proved the code.
    /// </exception>
    public static async Task<PairingResult> RunAsync(
        IMessageChannel channel, Hello own, PairingCode code, GuessLedger guesses, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        try
        {
            using var deadline = new HandshakeDeadline(channel, timeProvider, cancellationToken);
            return await RunAsync(channel, deadline, own, code, guesses, timeProvider).ConfigureAwait(false);
        }
        catch
        {
            // In order and not aborted: the other side needs the same messages to report the same error.
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<PairingResult> RunAsync(
        IMessageChannel channel, HandshakeDeadline deadline, Hello own, PairingCode code, GuessLedger guesses, TimeProvider timeProvider)
    {
        PeerRole role = own.Role;
        bool sender = role == PeerRole.Send;
        byte[] ownHello = own.Encode();
        await deadline.SendAsync(ownHello).ConfigureAwait(false);
        byte[] peerHello = (await deadline.ReceiveAsync().ConfigureAwait(false)).ToArray();
        deadline.HelloReceived();
        Hello peer = Hello.Parse(peerHello, own.Version);
        RequireOtherRole(own, peer);
        if (own.Survivor is not null && peer.Survivor == own.Survivor)
            throw new HandshakeException(HandshakeFault.SameSurvivor, isGuessCharged: false, "Both sides of one session met in the code room.");

        byte[] senderNonce = sender ? own.Nonce : peer.Nonce;
        byte[] receiverNonce = sender ? peer.Nonce : own.Nonce;
        using CPace run = Start(code, [.. senderNonce, .. receiverNonce]);
        await deadline.SendAsync(run.Share).ConfigureAwait(false);
        byte[] peerShare = (await deadline.ReceiveAsync().ConfigureAwait(false)).ToArray();
        if (!run.TryFinish(peerShare, ownHello, peerHello, initiator: sender, out byte[] key))
            throw new P2PException(P2PErrorCode.ProtocolError, "The other side sent an invalid key share, so the two sides were not paired.") { Hint = "Start both sides again." };

        try
        {
            byte[] transcript = sender
                ? LengthValue.Concat(ownHello, peerHello, run.Share, peerShare)
                : LengthValue.Concat(peerHello, ownHello, peerShare, run.Share);
            await ConfirmAsync(deadline, key, role, transcript, guesses).ConfigureAwait(false);
            RequireSameEncryption(own, peer);
            SessionKeys session = KeySchedule.Session(key);
            var link = new SecureLink(
                channel,
                session.Records(LinkPurpose.Pair, role, 0, senderNonce, receiverNonce),
                session.Records(LinkPurpose.Pair, role.Other(), 0, senderNonce, receiverNonce),
                connectionIndex: 0,
                own.EncryptPayload,
                timeProvider);
            return new PairingResult(session, link, own, peer);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static CPace Start(PairingCode code, byte[] sessionId)
    {
        byte[] password = LengthValue.Part(code.Secret);
        try
        {
            return CPace.Start(password, ChannelId(code), sessionId);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }

    private static async Task ConfirmAsync(HandshakeDeadline deadline, byte[] key, PeerRole role, byte[] transcript, GuessLedger guesses)
    {
        byte[] expected = Confirmation(key, role.Other(), transcript);
        try
        {
            guesses.Charge();
            deadline.GuessCharged();
            await deadline.SendAsync(Confirmation(key, role, transcript)).ConfigureAwait(false);
            ReadOnlyMemory<byte> confirmation = await deadline.ReceiveAsync().ConfigureAwait(false);
            if (!CryptographicOperations.FixedTimeEquals(confirmation.Span, expected))
            {
                guesses.MarkWrong();
                throw WrongCode();
            }

            guesses.Refund();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(expected);
        }
    }

    /// <summary>CI of CPace: binds the key to the room and the roles.</summary>
    internal static byte[] ChannelId(PairingCode code) => LengthValue.Concat(
        LengthValue.Part("p2pcopy"), LengthValue.Part(code.RoomName), LengthValue.Part("send"), LengthValue.Part("receive"));

    /// <summary>The proof of <paramref name="role"/> that it has the key and saw this transcript.</summary>
    internal static byte[] Confirmation(byte[] key, PeerRole role, byte[] transcript)
    {
        byte[] confirmationKey = KeySchedule.Confirmation(key, role);
        try
        {
            return HMACSHA256.HashData(confirmationKey, (byte[])[.. "p2pcopy confirm"u8, .. SHA256.HashData(transcript)]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(confirmationKey);
        }
    }

    private static void RequireOtherRole(Hello own, Hello peer)
    {
        if (peer.Role != own.Role)
            return;
        string verb = own.Role == PeerRole.Send ? "send" : "receive";
        throw new P2PException(
            P2PErrorCode.ProtocolError,
            $"Both sides want to {verb} with this code.")
        {
            Hint = $"Start one side as the {(own.Role == PeerRole.Send ? "receiver" : "sender")}.",
        };
    }

    // After the confirmation only: an attacker must not be able to make this side advise weaker protection.
    private static void RequireSameEncryption(Hello own, Hello peer)
    {
        if (peer.EncryptPayload == own.EncryptPayload)
            return;
        PeerRole off = own.EncryptPayload ? peer.Role : own.Role;
        string offSide = off == PeerRole.Send ? "sender" : "receiver";
        string onSide = off == PeerRole.Send ? "receiver" : "sender";
        throw new P2PException(
            P2PErrorCode.ProtocolError,
            $"The {offSide} uses `Encryption Off` and the {onSide} does not.")
        {
            Hint = $"Both sides must use the same setting: remove it from the {offSide}, or use it on the {onSide} as well.",
        };
    }

    private static P2PException WrongCode() => new(
        P2PErrorCode.PairingFailed,
        "The other side used a different code.")
    {
        Hint = "Check that both sides have the same code, letter by letter.",
    };
}
