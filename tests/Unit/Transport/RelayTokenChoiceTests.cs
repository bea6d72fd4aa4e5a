using P2PCopy.Transport;
using static P2PCopy.Tests.Unit.Transport.RelayConnectorTests;

namespace P2PCopy.Tests.Unit.Transport;

/// <summary>Which of several relays gets the token.</summary>
public class RelayTokenChoiceTests
{
    [Fact]
    public async Task The_token_goes_only_to_the_first_relay_and_to_those_that_are_named()
    {
        await using var first = new ScriptedRelay();
        await using var stranger = new ScriptedRelay();
        await using var named = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions
        {
            Relays = [first.Address, stranger.Address, named.Address],
            Token = "s3cret",
            TokenRelays = [named.Address],
        });
        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
        ScriptedConnection one = await first.NextAsync();
        await one.RefuseAsync("404 Not Found");
        ScriptedConnection other = await stranger.NextAsync();
        await other.RefuseAsync("404 Not Found");
        ScriptedConnection last = await named.NextAsync();
        await last.UpgradeAsync("paired");
        await (await joining).DisposeAsync();

        Assert.Equal("Bearer s3cret", one.Header("Authorization"));
        Assert.DoesNotContain("s3cret", other.Head, StringComparison.Ordinal);
        Assert.Equal("Bearer s3cret", last.Header("Authorization"));
    }

    [Fact]
    public async Task A_relay_that_asks_for_the_token_of_another_one_is_refused_it_and_the_error_says_how_to_give_it()
    {
        Uri gone;
        await using (var relay = new ScriptedRelay())
            gone = relay.Address;
        await using var asking = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [gone, asking.Address], Token = "s3cret" });
        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
        ScriptedConnection connection = await asking.NextAsync();
        await connection.RefuseAsync("401 Unauthorized", "P2PCopy-Refused: A token is needed.\r\n");

        P2PException e = await Assert.ThrowsAsync<P2PException>(() => joining);
        Assert.Contains("`TokenRelays`", e.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", connection.Head + e.Message + e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_relay_gets_another_member_token_and_the_same_one_at_every_join()
    {
        await using var one = new ScriptedRelay();
        await using var other = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [one.Address, other.Address] });
        var members = new List<string>();
        for (int i = 0; i < 2; i++)
        {
            Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
            ScriptedConnection refusing = await one.NextAsync();
            await refusing.RefuseAsync("404 Not Found");
            ScriptedConnection pairing = await other.NextAsync();
            await pairing.UpgradeAsync("paired");
            await (await joining).DisposeAsync();
            members.AddRange([Member(refusing), Member(pairing)]);
        }

        Assert.Equal(members[..2], members[2..]);
        Assert.Equal(3, members[..2].Append(DefaultJoin.Member).Distinct().Count());

        static string Member(ScriptedConnection connection) => connection.RequestLine.Split("member=")[1].Split(' ')[0];
    }

    [Fact]
    public void A_relay_for_the_token_that_is_not_in_the_list_is_an_invalid_option()
    {
        P2PException e = Assert.Throws<P2PException>(() => new RelayConnector(new RelayConnectorOptions
        {
            Relays = [new Uri("wss://relay.example.org")],
            TokenRelays = [new Uri("wss://relay.example.net")],
        }));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
        Assert.Contains("wss://relay.example.net", e.Message, StringComparison.Ordinal);
    }
}
