using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Unit.Tool;

/// <summary>The settings file: what it sets, what wins over it, and what it must not contain.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_command_reads_it()
    {
        ToolRun tool = With("""
            {
              // the relay at work
              "relays": { "work": { "address": "wss://work.example", "tokenFile": "token" }, "home": "ws://10.0.0.2:8765" },
              "relay": ["work", "home"],
              "proxy": "http://proxy.example:3128",
              "send": { "compression": "off", "exclude": ["*.tmp", "*.bak"], "bandwidthLimit": "50Mbit" },
              "receive": { "onConflict": "rename", "waitTimeout": 60, "checksum": true },
            }
            """);
        File.WriteAllText(_folder["token"], "secret\n");
        Restrict(_folder["token"]);

        Assert.Equal(0, await tool.RunAsync("send", "x"));
        SendOptions sent = tool.Engine.Sent!;
        Assert.Equal(["wss://work.example/", "ws://10.0.0.2:8765/"], sent.Relays.Select(r => r.AbsoluteUri));
        Assert.Equal(("secret", PayloadCompression.Off, 6_250_000L), (sent.Token!.Reveal(), sent.Compression, sent.BandwidthLimit));
        Assert.Equal(["*.tmp", "*.bak"], sent.Exclude);
        Assert.Equal("http://proxy.example:3128/", sent.Proxy!.AbsoluteUri);

        Assert.Equal(0, await tool.RunAsync("receive", "--code", "lab-topsecret"));
        ReceiveOptions received = tool.Engine.Received!;
        Assert.Equal((ConflictPolicy.Rename, 60, true), (received.OnConflict, received.WaitTimeout.TotalSeconds, received.Checksum));
        Assert.Equal("http://proxy.example:3128/", received.Proxy!.AbsoluteUri);

        Assert.Equal(0, await tool.RunAsync("test"));
        Assert.Equal(["wss://work.example/", "ws://10.0.0.2:8765/"], tool.Engine.Tested.Select(o => o.Relay.AbsoluteUri));
    }

    [Fact]
    public async Task The_environment_wins_over_it_and_the_command_line_over_both()
    {
        ToolRun tool = With("""{ "relay": "ws://settings", "direct": "lan", "send": { "compression": "off", "connections": 3 } }""");
        tool.Environment["P2PCOPY_RELAY"] = "ws://environment";
        await tool.RunAsync("send", "x", "--connections", "5");
        Assert.Equal(("ws://environment/", 5, PayloadCompression.Off), (tool.Engine.Sent!.Relays.Single().AbsoluteUri, tool.Engine.Sent.Connections, tool.Engine.Sent.Compression));
        tool.Environment["P2PCOPY_DIRECT"] = "off";
        await tool.RunAsync("send", "x", "--relay", "ws://given");
        Assert.Equal("ws://given/", tool.Engine.Sent!.Relays.Single().AbsoluteUri);
        Assert.NotEqual(DirectMode.Lan, tool.Engine.Sent.Direct);
        await tool.RunAsync("send", "x", "--listen", "127.0.0.1:0");
        Assert.Empty(tool.Engine.Sent!.Relays);
    }

    [Theory]
    [InlineData("send", "x", "--relay", "home")]
    [InlineData("send", "x", "-r", "home")]
    [InlineData("send", "x", "--relay=home")]
    public async Task A_relay_is_named(params string[] arguments)
    {
        ToolRun tool = With("""{ "relays": { "home": "ws://10.0.0.2:8765" } }""");
        Assert.Equal(0, await tool.RunAsync(arguments));
        Assert.Equal("ws://10.0.0.2:8765/", tool.Engine.Sent!.Relays.Single().AbsoluteUri);
    }

    [Fact]
    public async Task The_token_of_a_relay_does_not_go_to_another_one()
    {
        ToolRun tool = With("""{ "relay": "wss://work.example", "tokenFile": "token" }""");
        File.WriteAllText(_folder["token"], "secret\n");
        Restrict(_folder["token"]);
        await tool.RunAsync("send", "x");
        Assert.Equal("secret", tool.Engine.Sent!.Token!.Reveal());
        await tool.RunAsync("send", "x", "--relay", "wss://other.example");
        Assert.Null(tool.Engine.Sent!.Token);
    }

    [Theory]
    [InlineData("{\n \"send\": { \"comression\": \"off\" } }", "line 2: there is no setting 'comression' in 'send'", "Did you mean 'compression'?")]
    [InlineData("{\n\n \"prxy\": \"x\" }", "line 3: there is no setting 'prxy' in the settings", "Did you mean 'proxy'?")]
    [InlineData("{ \"realy\": \"wss://x\" }", "line 1: there is no setting 'realy' in the settings", "Did you mean 'relay'?")]
    [InlineData("{ \"sned\": { \"compression\": \"off\" } }", "line 1: there is no section 'sned'", "Did you mean 'send'?")]
    [InlineData("{ \"send\": { \"compression\": \"maybe\" } }", "line 1: 'send.compression' takes auto, on, off, not 'maybe'", "")]
    [InlineData("{ \"send\": { \"connections\": 99 } }", "line 1: 'send.connections' takes 1 to 16 or auto, not '99'", "")]
    [InlineData("{ \"token\": \"secret\" }", "line 1: 'token' is a secret", "tokenFile")]
    [InlineData("{ \"send\": { \"code\": \"lab-topsecret\" } }", "line 1: 'send.code' is a secret", "")]
    [InlineData("{ \"relay\": \"wrok\", \"relays\": { \"work\": \"wss://w\" } }", "line 1: 'wrok' is neither a relay of this file", "Did you mean 'work'?")]
    [InlineData("{ \"proxy\": \"http://a\", \"proxy\": \"http://b\" }", "line 1: 'proxy' occurs twice", "")]
    [InlineData("{ \"proxy\": null }", "line 1: a value must be text", "")]
    [InlineData("{\n \"proxy\": }", "line 2: this is not valid JSON", "")]
    [InlineData("[]", "does not contain a JSON object", "")]
    public async Task A_wrong_entry_is_an_error_with_its_line_and_a_suggestion(string json, string problem, string hint)
    {
        ToolRun tool = With(json);
        Assert.Equal(2, await tool.RunAsync("send", "x", "--relay", "ws://r"));
        Assert.Null(tool.Engine.Sent);
        Assert.Contains(problem, tool.Error, StringComparison.Ordinal);
        Assert.Contains(hint, tool.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_others_can_change_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no permission bits.");
        ToolRun tool = With("{}");
        TemporaryFolder.SetMode(_folder["config.json"], 0b110_010_000);
        Assert.Equal(2, await tool.RunAsync("send", "x", "--relay", "ws://r"));
        Assert.Contains("other users can change", tool.Error, StringComparison.Ordinal);
        Assert.Contains("chmod go-w", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_another_user_owns_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Gives a file to another user.");
        ToolRun tool = With("{}");
        Shell.Run("chown", "65534", _folder["config.json"]);
        Assert.Equal(2, await tool.RunAsync("send", "x", "--relay", "ws://r"));
        Assert.Contains("another user owns the file", tool.Error, StringComparison.Ordinal);
        Assert.Contains("chown", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_named_must_exist_and_the_usual_one_need_not()
    {
        var tool = new ToolRun { Environment = { ["P2PCOPY_CONFIG"] = _folder["missing.json"] } };
        Assert.Equal(2, await tool.RunAsync("send", "x", "--relay", "ws://r"));
        tool = new ToolRun { Environment = { ["XDG_CONFIG_HOME"] = _folder.FullPath, ["APPDATA"] = _folder.FullPath } };
        Assert.Equal(0, await tool.RunAsync("send", "x", "--relay", "ws://r"));
        Directory.CreateDirectory(_folder["p2pcopy"]);
        File.WriteAllText(_folder["p2pcopy/config.json"], """{ "relay": "ws://usual" }""");
        tool = new ToolRun { Environment = { ["XDG_CONFIG_HOME"] = _folder.FullPath, ["APPDATA"] = _folder.FullPath } };
        Assert.Equal(0, await tool.RunAsync("send", "x"));
        Assert.Equal("ws://usual/", tool.Engine.Sent!.Relays.Single().AbsoluteUri);
    }

    [Fact]
    public async Task Config_shows_each_value_and_its_source()
    {
        ToolRun tool = With("""
            {
              "relays": { "work": "wss://work.example" },
              "relay": "work",
              "send": { "compression": "off" }
            }
            """);
        tool.Environment["P2PCOPY_TOKEN"] = "secret";
        Assert.Equal(0, await tool.RunAsync("config"));
        Assert.Contains("Settings file: " + (_folder["config.json"]), tool.Lines);
        Assert.Contains("Relay work: wss://work.example", tool.Lines);
        Assert.Contains(tool.Lines, l => l.Contains("--compression", StringComparison.Ordinal) && l.EndsWith("settings, line 4", StringComparison.Ordinal));
        Assert.Contains(tool.Lines, l => l.Contains("--relay ", StringComparison.Ordinal) && l.EndsWith("settings, line 3", StringComparison.Ordinal));
        Assert.Contains(tool.Lines, l => l.Contains("--token ", StringComparison.Ordinal) && l.EndsWith("P2PCOPY_TOKEN", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", tool.Out, StringComparison.Ordinal);
        Assert.Equal(0, await tool.RunAsync("config", "--all"));
        Assert.Contains(tool.Lines, l => l.Contains("--retry-timeout", StringComparison.Ordinal) && l.EndsWith("default", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Config_says_what_to_write_when_there_is_no_file()
    {
        var tool = new ToolRun { Environment = { ["XDG_CONFIG_HOME"] = _folder.FullPath, ["APPDATA"] = _folder.FullPath } };
        Assert.Equal(0, await tool.RunAsync("config"));
        string line = Assert.Single(tool.Lines, l => l.Contains("\"relay\"", StringComparison.Ordinal));
        With(line.Trim());
        tool = new ToolRun { Environment = { ["P2PCOPY_CONFIG"] = _folder["config.json"] } };
        Assert.Equal(0, await tool.RunAsync("send", "x"));
        Assert.Equal("wss://relay.example/", tool.Engine.Sent!.Relays.Single().AbsoluteUri);
    }

    [Fact]
    public void A_program_reads_it_too()
    {
        With("""{ "relay": "ws://r", "send": { "hash": "off" } }""");
        P2PSettings settings = P2PSettings.Load(_folder["config.json"]);
        Assert.Equal(("ws://r/", HashMode.Off), (settings.Send.Relays.Single().AbsoluteUri, settings.Send.Hash));
        Assert.Equal("ws://r/", settings.Receive.Relays.Single().AbsoluteUri);
    }

    private ToolRun With(string json)
    {
        File.WriteAllText(_folder["config.json"], json);
        Restrict(_folder["config.json"]);
        return new ToolRun { Environment = { ["P2PCOPY_CONFIG"] = _folder["config.json"] } };
    }

    private static void Restrict(string file)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
