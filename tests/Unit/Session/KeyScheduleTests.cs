using P2PCopy.Session.Crypto;

namespace P2PCopy.Tests.Unit.Session;

public sealed class KeyScheduleTests
{
    [Fact]
    public void No_two_purposes_share_a_key()
    {
        byte[] pairing = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        using SessionKeys session = KeySchedule.Session(pairing);
        using SessionKeys other = KeySchedule.Session([.. pairing.Reverse()]);
        byte[][] keys =
        [
            KeySchedule.Confirmation(pairing, PeerRole.Send),
            KeySchedule.Confirmation(pairing, PeerRole.Receive),
            session.RejoinProof(),
            session.Trailer(),
            other.RejoinProof(),
            other.Trailer(),
            .. from purpose in Enum.GetValues<LinkPurpose>()
               from direction in Enum.GetValues<PeerRole>()
               from stream in (int[])[0, 1]
               from epoch in (int[])[0, 1]
               select session.Records(purpose, direction, stream, [1], [2]).ForEpoch(epoch),
            session.Records(LinkPurpose.Pair, PeerRole.Send, 0, [1, 2], []).ForEpoch(0),
            other.Records(LinkPurpose.Pair, PeerRole.Send, 0, [1], [2]).ForEpoch(0),
        ];
        Assert.All(keys, key => Assert.Equal(32, key.Length));
        Assert.Equal(keys.Length, keys.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void Every_stream_has_a_room_of_its_own()
    {
        using var session = new SessionKeys(new byte[32]);
        string[] rooms = [.. Enumerable.Range(0, 16).Select(session.LinkRoom)];
        Assert.All(rooms, room => Assert.Matches("^[A-Za-z0-9_-]{22}$", room));
        Assert.Equal(16, rooms.Distinct().Count());
    }

    [Fact]
    public void A_disposed_session_has_forgotten_its_secret()
    {
        byte[] secret = [1, 2, 3];
        new SessionKeys(secret).Dispose();
        Assert.Equal(new byte[3], secret);
    }
}
