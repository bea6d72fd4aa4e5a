using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;
using static P2PCopy.Tests.Unit.Session.PairingHandshakeTests;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>Two sides with different versions of the protocol.</summary>
public sealed class PairingVersionTests
{
    [Fact]
    public async Task A_newer_minor_version_pairs_and_both_use_the_smaller()
    {
        var pair = new ChannelPair();
        var (newer, older) = await Both(Pair(pair.Left, Speaking(PeerRole.Send, 1, 7)), Pair(pair.Right, PeerRole.Receive));

        Assert.Equal(new ProtocolVersion(1, 7), older.Peer.Version);
        Assert.All([newer, older], side => Assert.Equal(ProtocolVersion.Current, side.Version));
        await AssertTalks(newer.Link, older.Link);
        await AssertTalks(older.Link, newer.Link);
    }

    [Fact]
    public void What_a_newer_minor_version_adds_to_its_hello_is_passed_over()
    {
        Hello hello = Hello.Parse(
            """{"p2pcopy":[1,7],"role":"send","nonce":"AAAAAAAAAAAAAAAAAAAAAA","encryption":"on","software":"3.0","new":{"a":[1]}}"""u8.ToArray(),
            ProtocolVersion.Current);
        Assert.Equal(new ProtocolVersion(1, 7), hello.Version);
    }

    [Fact]
    public async Task A_newer_major_version_is_refused_on_both_sides_and_each_says_who_has_to_update()
    {
        var pair = new ChannelPair();
        Exception[] errors = await BothFail(Pair(pair.Left, Speaking(PeerRole.Send, 2, 0)), Pair(pair.Right, PeerRole.Receive));

        Assert.All(errors, e => Assert.Equal(P2PErrorCode.VersionMismatch, Assert.IsType<P2PException>(e).Code));
        Assert.Equal(
            $"This side uses protocol 2.0 (P2PCopy {ProtocolVersion.Software}), the other side 1.0 (P2PCopy {ProtocolVersion.Software}).",
            errors[0].Message);
        Assert.Equal(
            $"This side uses protocol 1.0 (P2PCopy {ProtocolVersion.Software}), the other side 2.0 (P2PCopy 9.8.7).",
            errors[1].Message);
        Assert.Equal(
            ["Update the software on the other side.", "Update the software on this side."], errors.Select(e => ((P2PException)e).Hint));
    }

    [Fact]
    public async Task Another_major_version_is_refused_naming_both_whatever_else_it_says()
    {
        var pair = new ChannelPair();
        await pair.Right.SendAsync("""{"p2pcopy":[2,1],"software":"9.8\u001b[31m","role":7}"""u8.ToArray(), default);
        var error = await Assert.ThrowsAsync<P2PException>(() => Pair(pair.Left, PeerRole.Send));
        Assert.Equal(P2PErrorCode.VersionMismatch, error.Code);
        Assert.Contains("1.0", error.Message, StringComparison.Ordinal);
        Assert.Contains("2.1 (P2PCopy 9.8", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error.Message);
    }

    private static Hello Speaking(PeerRole role, int major, int minor)
        => Hello.Own(role, encryptPayload: true) with { Version = new ProtocolVersion(major, minor), Software = "9.8.7" };
}
