using P2PCopy.Session.Crypto;
using P2PCopy.Session.Links;
using P2PCopy.Session.Pairing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Testing;

/// <summary>Sessions without a pairing: both sides of a pair of channels have the same fixed secret.</summary>
internal static class TestSessions
{
    /// <summary>A session whose other side never says anything, so that what it has to send stays in its outboxes.</summary>
    public static PeerSession Alone(PeerRole role) => new(Context(role, new MemoryRelay()), Pairing(role, new ChannelPair()));

    public static PairingResult Pairing(PeerRole role, ChannelPair channels)
    {
        var keys = new SessionKeys([1, 2, .. new byte[30]]);
        byte[] nonce = new byte[16];
        RecordKeys Records(PeerRole of) => keys.Records(LinkPurpose.Pair, of, 0, nonce, nonce);
        PeerRole other = role == PeerRole.Send ? PeerRole.Receive : PeerRole.Send;
        var link = new SecureLink(role == PeerRole.Send ? channels.Left : channels.Right, Records(role), Records(other), 0, true, TimeProvider.System);
        return new PairingResult(keys, link, Hello.Own(role, true, null), Hello.Own(other, true, null));
    }

    public static SessionContext Context(PeerRole role, IRoomConnector connector) => new()
    {
        Role = role,
        Code = PairingCode.Parse("route1-correct-horse-battery"),
        Connector = connector,
        Member = new string(role == PeerRole.Send ? '0' : '1', 32),
        EncryptPayload = true,
        Version = ProtocolVersion.Current,
        Guesses = new GuessLedger(TimeProvider.System),
        Observer = new NoObserver(),
    };
}
