using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>The cmdlets read the user's settings file. These tests change the environment of the process, so they run alone.</summary>
[Collection(nameof(AloneCollection))]
public sealed class SettingsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string? _before = Environment.GetEnvironmentVariable("P2PCOPY_CONFIG");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("P2PCOPY_CONFIG", _before);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_relay_of_the_settings_is_used_by_name_or_by_default_and_parameters_win()
    {
        await using CmdletPeer peer = await CmdletPeer.StartAsync();
        Write($$"""{ "relays": { "lab": "{{peer.Relay}}" }, "relay": "lab", "send": { "hash": "off" } }""");
        using PowerShellSession session = peer.Session();
        session["file"] = peer.Folder.File("source/a.txt");
        session["code"] = peer.Code.Reveal();
        foreach ((string parameters, bool hasHash) in ((string, bool)[])[("", false), ("-Relay lab", false), ("-Hash On -OutVariable x", true)])
        {
            Task<TransferReport> receiving = peer.ReceiveAsync(o => o with { OnConflict = ConflictPolicy.Overwrite });
            SessionResult sent = session.Run($"Send-P2PFile $file -Code $code {parameters}");
            Assert.Empty(sent.Errors);
            Assert.Equal(hasHash, sent.Only.Properties["Hash"].Value is not null);
            Assert.True((await receiving).Succeeded);
        }

        Assert.True((bool)session.Run("Test-P2PRelay lab -MeasureSeconds 0 -Quiet").Only.BaseObject);
    }

    [Theory]
    [InlineData("Send-P2PFile $PSHOME -Code lab-topsecret -WhatIf")]
    [InlineData("Receive-P2PFile -Code lab-topsecret -Relay ws://127.0.0.1:1")]
    [InlineData("Test-P2PRelay ws://127.0.0.1:1")]
    [InlineData("Start-P2PRelay -Listen 127.0.0.1:0")]
    public void A_wrong_settings_file_ends_the_command_with_its_line(string command)
    {
        Write("{\n \"prxy\": \"x\" }");
        using var session = new PowerShellSession();
        SessionResult result = session.Run(command);
        Assert.StartsWith("InvalidOption", result.End!.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("line 2", result.End.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_setting_of_a_relay_ends_its_command_with_its_line()
    {
        Write("{\n \"relayServer\": { \"maxConnections\": 0 } }");
        using var session = new PowerShellSession();
        SessionResult result = session.Run("Start-P2PRelay -Listen 127.0.0.1:0");
        Assert.StartsWith("InvalidOption,P2PCopy.Cmdlets.StartP2PRelayCommand", result.End!.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("line 2", result.End.Exception.Message, StringComparison.Ordinal);
    }

    private void Write(string json)
    {
        string file = _folder.File("config.json", json);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Environment.SetEnvironmentVariable("P2PCOPY_CONFIG", file);
    }
}
