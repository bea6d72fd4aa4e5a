using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Relay.Limits;

/// <summary>The tokens of a relay.</summary>
public class RelayTokenTests : RelayLimitBase
{
    [Fact]
    public async Task A_token_is_asked_for_and_told_apart_when_missing_and_wrong()
    {
        await using TestRelay relay = await StartAsync(o => o with { Token = "right" });
        Assert.Contains("requires a token", await RefusedAsync(relay, RoomOf(1)));
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => relay.Connector(token: "wrong-token").JoinAsync(Join(1), Cancel));
        Assert.Equal(P2PErrorCode.RelayRefused, e.Code);
        Assert.Contains("does not accept this token", e.Message);
        Assert.DoesNotContain("wrong-token", e.Message + string.Join('\n', relay.Log));
        using RawClient client = await RawClient.JoinAsync(relay.Address, RoomOf(1), "send", headers: "Authorization: bearer right\r\n");
    }

    [Fact]
    public async Task A_file_of_tokens_is_read_again_when_it_changes_and_no_client_is_dropped()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "# alice\nfirst\n\n second \n", Cancel);
            await using TestRelay relay = await StartAsync(o => o with { TokenFile = file });
            using RawClient early = await RawClient.JoinAsync(relay.Address, RoomOf(1), "send", headers: "Authorization: Bearer second\r\n");
            await early.ExpectHintAsync("waiting");

            await File.WriteAllTextAsync(file, "third token\n", Cancel);
            Clock.Advance(TimeSpan.FromSeconds(2));
            Assert.StartsWith("HTTP/1.1 401 ", await RefusedAsync(relay, RoomOf(2), headers: "Authorization: Bearer second\r\n"));
            using RawClient late = await RawClient.JoinAsync(relay.Address, RoomOf(1), "receive", headers: "Authorization: Bearer third token\r\n");
            await early.ExpectHintAsync("paired");

            // An empty file would refuse every client: the last good one stays.
            await File.WriteAllTextAsync(file, "# empty", Cancel);
            Clock.Advance(TimeSpan.FromSeconds(2));
            using RawClient still = await RawClient.JoinAsync(relay.Address, RoomOf(3), "send", headers: "Authorization: Bearer third token\r\n");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("644")]
    [InlineData("660")]
    public async Task A_token_file_or_a_key_that_others_can_read_or_change_is_refused(string mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no modes here.");
        using var certificates = new TestCertificates();
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "operator secret-token\n", Cancel);
            SetMode(file, mode);
            P2PException tokens = await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { TokenFile = file }));
            SetMode(certificates.KeyFile, mode);
            P2PException key = await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile }));
            foreach (P2PException error in (P2PException[])[tokens, key])
            {
                Assert.Equal(P2PErrorCode.InvalidOption, error.Code);
                Assert.Contains($"(mode {mode})", error.Message, StringComparison.Ordinal);
                Assert.Contains("chmod 600", error.Hint, StringComparison.Ordinal);
                Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
            }

            SetMode(file, "640");
            await using TestRelay relay = await StartAsync(o => o with { TokenFile = file });
            SetMode(file, mode);
            await File.WriteAllTextAsync(file, "another-token\n", Cancel);
            Clock.Advance(TimeSpan.FromSeconds(2));
            Assert.StartsWith("HTTP/1.1 401 ", await RefusedAsync(relay, RoomOf(2), headers: "Authorization: Bearer another-token\r\n"));
            Assert.Contains(relay.Events, e => e is RelayEvent.ReloadFailed);
        }
        finally
        {
            File.Delete(file);
        }

        static void SetMode(string file, string mode)
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32(mode, 8));
        }
    }
}
