using P2PCopy.Primitives.Options;

namespace P2PCopy.Tests.Unit.Tool;

public sealed class OptionTests
{
    [Theory]
    [InlineData("1048576", 1048576)]
    [InlineData("512KiB", 512 << 10)]
    [InlineData("4MiB", 4 << 20)]
    [InlineData("10M", 10 << 20)]
    [InlineData("1G", 1 << 30)]
    [InlineData("1.5k", 1536)]
    [InlineData("50MB", 50_000_000)]
    [InlineData("50 MB/s", 50_000_000)]
    [InlineData("50Mbit", 6_250_000)]
    [InlineData("0", 0)]
    public void A_size_is_read_as_people_write_it(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out long actual));
        Assert.Equal(bytes, actual);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1")]
    [InlineData("1e9")]
    [InlineData("ten")]
    [InlineData("99999999T")]
    public void What_is_no_size_is_refused(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86400)]
    public void A_time_is_seconds_or_has_a_unit(string text, int seconds)
    {
        Assert.True(DurationText.TryParse(text, out int actual));
        Assert.Equal(seconds, actual);
    }

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("1.5")]
    [InlineData("-3")]
    [InlineData("9999999d")]
    public void What_is_no_time_is_refused(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Fact]
    public async Task Every_send_option_reaches_the_engine()
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync(
            "send", "one", "@two", "--relay", "wss://r.example/x", "--relay", "ws://s:1", "--code", "abcd-efgh", "--token", "t",
            "--encryption", "off", "--direct", "lan", "--direct-port", "41000", "--ca-file", "ca.pem", "--pinned-certificate", "AA", "--skip-certificate-check",
            "--proxy", "http://p:3128", "--proxy-credential", "u:p:w", "--connection-timeout", "7", "--wait-timeout", "0",
            "--retry-timeout", "2m", "--silence-timeout", "9", "--base-path", "b", "--include", "*.a", "--include", "*.b",
            "--exclude", "c", "--links", "preserve", "--compression", "off", "--compression-codec", "gzip",
            "--chunk-size", "2MiB", "--hash", "off", "--connections", "4", "--bandwidth-limit", "1MB", "--", "-three"));
        SendOptions o = tool.Engine.Sent!;
        Assert.Equal(["one", "@two", "-three"], o.Paths);
        Assert.Equal(["wss://r.example/x", "ws://s:1/"], o.Relays.Select(r => r.AbsoluteUri));
        Assert.Equal(("abcd-efgh", "t", PayloadEncryption.Off), (o.Code!.Reveal(), o.Token!.Reveal(), o.Encryption));
        Assert.Equal(("ca.pem", "AA", true), (o.CaFile, o.PinnedCertificate, o.SkipCertificateCheck));
        Assert.Equal(("http://p:3128/", "u", "p:w"), (o.Proxy!.AbsoluteUri, o.ProxyCredential!.UserName, o.ProxyCredential.Password));
        Assert.Equal((7, 0, 120, 9), (o.ConnectionTimeout.TotalSeconds, o.WaitTimeout.TotalSeconds, o.RetryTimeout.TotalSeconds, o.SilenceTimeout.TotalSeconds));
        Assert.Equal(("b", LinkPolicy.Preserve, PayloadCompression.Off, CompressionCodec.Gzip), (o.BasePath, o.Links, o.Compression, o.CompressionCodec));
        Assert.Equal(["*.a", "*.b"], o.Include);
        Assert.Equal(["c"], o.Exclude);
        Assert.Equal((2 << 20, HashMode.Off, 4, 1_000_000L), (o.ChunkSize, o.Hash, o.Connections, o.BandwidthLimit));
        Assert.Equal((DirectMode.Lan, 41000), (o.Direct, o.DirectPort));
        Assert.NotNull(o.EmbeddedRelay); // for a receiver that asks on a network of this machine
    }

    [Fact]
    public async Task The_older_name_of_the_connections_works_and_the_help_does_not_show_it()
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync("send", "one", "--relay", "wss://r", "--streams", "4"));
        Assert.Equal(4, tool.Engine.Sent!.Connections);

        var help = new ToolRun();
        await help.RunAsync("send", "--help");
        Assert.DoesNotContain(help.Lines, line => line.Contains("--streams", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_receive_option_reaches_the_engine()
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync(
            "receive", "--relay", "ws://r", "--code", "abcd-efgh", "--destination", "d", "--on-conflict", "newer", "--checksum",
            "--whole-file", "--modify-window", "2", "--durable", "--preserve-mode", "--skip-space-check", "--discard-partial", "--max-files", "5", "--max-size", "1G"));
        ReceiveOptions o = tool.Engine.Received!;
        Assert.Equal(("d", ConflictPolicy.Newer, true, true), (o.Destination, o.OnConflict, o.Checksum, o.WholeFile));
        Assert.Equal((2, true, true, 5L, 1L << 30), (o.ModifyWindow.TotalSeconds, o.Durable, o.DiscardPartial, o.MaxFiles!.Value, o.MaxSize!.Value));
        Assert.Equal((true, true), (o.PreserveMode, o.SkipSpaceCheck));
        Assert.Null(o.OutputStream);
    }

    [Fact]
    public async Task Every_test_option_reaches_the_engine_for_every_relay()
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync(
            "test", "wss://one", "ws://two:1", "--relay", "ws://three", "--token", "t", "--ca-file", "ca.pem", "--pinned-certificate", "AA",
            "--skip-certificate-check", "--proxy", "http://p:3128", "--proxy-credential", "u:p:w", "--connection-timeout", "7", "--measure", "0"));
        Assert.Equal(["wss://one/", "ws://two:1/", "ws://three/"], tool.Engine.Tested.Select(o => o.Relay.AbsoluteUri));
        Assert.All(tool.Engine.Tested, o => Assert.Equal(
            ("ca.pem", "AA", true, "http://p:3128/", "p:w", 7, 0),
            (o.CaFile, o.PinnedCertificate, o.SkipCertificateCheck, o.Proxy!.AbsoluteUri, o.ProxyCredential!.Password, o.ConnectionTimeout.TotalSeconds, o.MeasureTime.TotalSeconds)));
        // The token belongs to the first relay.
        Assert.Equal(["t", null, null], tool.Engine.Tested.Select(o => o.Token?.Reveal()));

        tool = new ToolRun { Environment = { ["P2PCOPY_RELAY"] = "ws://a, ws://b" } };
        Assert.Equal(0, await tool.RunAsync("test"));
        Assert.Equal(["ws://a/", "ws://b/"], tool.Engine.Tested.Select(o => o.Relay.AbsoluteUri));
        Assert.Equal(new RelayTestOptions { Relay = new Uri("ws://a") }, tool.Engine.Tested[0]);
    }

    [Fact]
    public async Task Without_options_the_engine_gets_the_defaults_of_the_API()
    {
        var tool = new ToolRun();
        await tool.RunAsync("send", "x");
        await tool.RunAsync("receive", "--relay", "ws://r", "--code", "abcd-efgh");
        SendOptions s = tool.Engine.Sent!;
        Assert.Equal(new SendOptions { Paths = s.Paths, Relays = s.Relays, Include = s.Include, Exclude = s.Exclude, EmbeddedRelay = s.EmbeddedRelay, OnEvent = s.OnEvent }, s);
        ReceiveOptions r = tool.Engine.Received!;
        Assert.Equal(new ReceiveOptions { Relays = r.Relays, Code = r.Code, OnEvent = r.OnEvent, ConfirmOffer = r.ConfirmOffer }, r);
        Assert.NotNull(s.EmbeddedRelay);
    }

    [Fact]
    public async Task The_environment_gives_relay_code_and_token_and_an_option_is_stronger()
    {
        var tool = new ToolRun
        {
            Environment = { ["P2PCOPY_RELAY"] = "ws://a, ws://b", ["P2PCOPY_CODE"] = "envi-ronment", ["P2PCOPY_TOKEN"] = "et" },
        };
        await tool.RunAsync("receive");
        Assert.Equal(("ws://a/", 2, "envi-ronment", "et"),
            (tool.Engine.Received!.Relays[0].AbsoluteUri, tool.Engine.Received.Relays.Count, tool.Engine.Received.Code!.Reveal(), tool.Engine.Received.Token!.Reveal()));

        await tool.RunAsync("receive", "--relay", "ws://c", "--code", "opti-onal", "--token", "ot");
        Assert.Equal(("ws://c/", "opti-onal", "ot"), (tool.Engine.Received.Relays[0].AbsoluteUri, tool.Engine.Received.Code!.Reveal(), tool.Engine.Received.Token!.Reveal()));
    }

    [Fact]
    public async Task The_code_comes_from_standard_input_with_a_dash()
    {
        var tool = new ToolRun { Input = "  wxyz-from-stdin \nmore\n" };
        await tool.RunAsync("receive", "--relay", "ws://r", "--code", "-");
        Assert.Equal("wxyz-from-stdin", tool.Engine.Received!.Code!.Reveal());
    }

    [Theory]
    [InlineData("a\nb c\r\n\n-d\n", new[] { "a", "b c", "-d" })]
    [InlineData("a\0with\nnewline\0", new[] { "a", "with\nnewline" })]
    public async Task Paths_come_from_standard_input_by_line_or_by_NUL(string input, string[] paths)
    {
        var tool = new ToolRun { Input = input };
        Assert.Equal(0, await tool.RunAsync("send", "--files-from", "-"));
        Assert.Equal(paths, tool.Engine.Sent!.Paths);
    }

    [Fact]
    public async Task Standard_input_is_sent_under_its_name()
    {
        var tool = new ToolRun { Input = "data" };
        Assert.Equal(0, await tool.RunAsync("send", "-", "--name", "x.sql"));
        Assert.Equal("x.sql", tool.Engine.Sent!.Name);
        Assert.Equal("data", new StreamReader(tool.Engine.Sent.InputStream!).ReadToEnd());
    }

    [Fact]
    public async Task Data_on_standard_output_is_nothing_but_data()
    {
        var tool = new ToolRun();
        tool.Engine.Run = (options, _, _) =>
        {
            options.OnEvent!(new TransferEvent.Waiting());
            ((ReceiveOptions)options).OutputStream!.Write("data"u8);
            return Task.FromResult(FakeEngine.Report());
        };
        Assert.Equal(0, await tool.RunAsync("receive", "--stdout", "--relay", "ws://r", "--code", "abcd-efgh"));
        Assert.Empty(tool.Out);
        Assert.Equal("data"u8.ToArray(), tool.StandardOutput.ToArray());
        Assert.Contains("Waiting", tool.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_offers_each_choice_once_and_as_it_is_written()
    {
        foreach ((string line, string[] choices) in new[]
        {
            ("p2pcopy receive --on-conflict ", new[] { "ask", "fail", "newer", "overwrite", "rename", "skip", "update" }),
            ("p2pcopy send --compression-codec ", ["gzip", "zstd"]),
        })
        {
            var tool = new ToolRun();
            Assert.Equal(0, await tool.RunAsync($"[complete:{line.Length}]", line));
            Assert.Equal(choices, tool.Lines.Select(l => l.TrimEnd('\r', '\t')).Order());
        }
    }

    [Fact]
    public async Task Completion_has_descriptions_and_each_option_once()
    {
        var tool = new ToolRun();
        Assert.Equal(0, await tool.RunAsync("[complete:8]", "p2pcopy "));
        Assert.Contains("send\tSend files and folders; without --relay through a relay in this process", tool.Lines);
        Assert.DoesNotContain(tool.Lines, l => l.StartsWith('-') || l.StartsWith('/'));

        tool = new ToolRun();
        const string Line = "p2pcopy receive -";
        Assert.Equal(0, await tool.RunAsync($"[complete:{Line.Length}]", Line));
        Assert.Contains(tool.Lines, l => l.StartsWith("--yes\tDo not ask", StringComparison.Ordinal));
        Assert.All(tool.Lines, l => Assert.Matches("^--[a-z0-9-]+\t.", l));
        Assert.Equal(tool.Lines.Length, tool.Lines.Distinct().Count());
    }

    [Fact]
    public async Task Help_of_every_command_fits_80_columns()
    {
        foreach (string command in (string[])["", "send", "receive", "relay", "test", "code", "demo", "completion"])
        {
            var tool = new ToolRun();
            Assert.Equal(0, await tool.RunAsync([.. command.Length > 0 ? [command] : Array.Empty<string>(), "--help"]));
            Assert.NotEmpty(tool.Lines);
            Assert.All(tool.Lines, line => Assert.InRange(line.Length, 0, 79));
            Assert.DoesNotContain(tool.Lines, line => line.EndsWith("[default:", StringComparison.Ordinal));
        }
    }
}
