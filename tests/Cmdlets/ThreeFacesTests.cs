using System.Globalization;
using System.Reflection;
using P2PCopy.Primitives.Options;
using P2PCopy.Relay.Options;
using P2PCopy.Tests.Unit.Files;
using P2PCopy.Tests.Unit.Tool;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>What one face refuses, the others refuse: the API, the tool and the cmdlets read the same limits.</summary>
public sealed class ThreeFacesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public ThreeFacesTests() => _session["file"] = _folder.File("file.txt");

    public static TheoryData<string> Sides => ["send", "receive", "relay", "test"];

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task One_step_beyond_the_range_of_any_number_is_refused_by_every_face(string side)
    {
        switch (side)
        {
            case "send":
                await CheckAsync(new SendOptions(), [.. TransferOptionList.For<SendOptions>(), .. SendOptionList.All], ["send", _folder["file.txt"]], "Send-P2PFile $file");
                break;
            case "receive":
                await CheckAsync(new ReceiveOptions(), [.. TransferOptionList.For<ReceiveOptions>(), .. ReceiveOptionList.All], ["receive"], "Receive-P2PFile");
                break;
            case "relay":
                await CheckAsync(new RelayOptions(), RelayOptionList.All, ["relay"], "Start-P2PRelay");
                break;
            default:
                await CheckAsync(new RelayTestOptions { Relay = new Uri("ws://127.0.0.1:1") }, RelayTestOptionList.All, ["test", "ws://127.0.0.1:1"], "Test-P2PRelay ws://127.0.0.1:1");
                break;
        }
    }

    [Theory]
    [InlineData("socks5://")]
    [InlineData("http://")]
    [InlineData("ftp://192.0.2.1:21")]
    [InlineData("nonsense")]
    public async Task A_proxy_that_no_face_can_use_is_refused_by_every_face(string proxy)
    {
        if (Uri.TryCreate(proxy, UriKind.RelativeOrAbsolute, out Uri? address))
        {
            var options = new SendOptions { Relays = [new Uri("ws://127.0.0.1:1")], Paths = [_folder["file.txt"]], Proxy = address };
            P2PException api = await Assert.ThrowsAsync<P2PException>(() => P2PTransfer.SendAsync(options, cancellationToken: TestContext.Current.CancellationToken));
            Assert.Equal(P2PErrorCode.InvalidOption, api.Code);
        }

        var tool = new ToolRun();
        Assert.Equal(2, await tool.RunAsync("send", _folder["file.txt"], "--relay", "ws://127.0.0.1:1", "--proxy", proxy));
        Assert.Contains("--proxy", tool.Error, StringComparison.Ordinal);

        SessionResult cmdlet = _session.Run($"Send-P2PFile $file -Relay ws://127.0.0.1:1 -Proxy '{proxy}'");
        Assert.NotNull(cmdlet.End);
        Assert.Contains("Proxy", cmdlet.End.ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private async Task CheckAsync<T>(T defaults, IReadOnlyList<OptionDefinitionOf<T>> definitions, string[] command, string cmdlet)
        where T : notnull
    {
        int numbers = 0;
        foreach (OptionDefinitionOf<T> definition in definitions)
        {
            if (definition.Range is not { } range)
                continue;
            numbers++;
            if (range.Min > long.MinValue)
                await RefusedAsync(defaults, definition, range.Min - 1, command, cmdlet);
            if (range.Max < long.MaxValue)
                await RefusedAsync(defaults, definition, range.Max + 1, command, cmdlet);
            foreach (long allowed in (long[])[range.Min, range.Max])
                definition.Check(With(defaults, definition.Name, allowed) ?? defaults);
        }

        Assert.NotEqual(0, numbers);
    }

    private async Task RefusedAsync<T>(T defaults, OptionDefinitionOf<T> definition, long value, string[] command, string cmdlet)
        where T : notnull
    {
        string text = value.ToString(CultureInfo.InvariantCulture);
        if (With(defaults, definition.Name, value) is { } options)
        {
            P2PException api = Assert.Throws<P2PException>(() => definition.Check(options));
            Assert.Equal(P2PErrorCode.InvalidOption, api.Code);
            Assert.Contains($"`{definition.Name}`", api.Message, StringComparison.Ordinal);
        }

        if (definition.Has(OptionFaces.Tool))
        {
            var tool = new ToolRun();
            Assert.True(await tool.RunAsync([.. command, $"{definition.ToolName}={text}"]) == 2, $"{definition.ToolName} {text}");
            Assert.Contains(definition.ToolName, tool.Error, StringComparison.Ordinal);
        }

        if (definition.Has(OptionFaces.Cmdlet))
        {
            SessionResult result = _session.Run($"{cmdlet} -{definition.CmdletName} {text}");
            Assert.True(result.End is not null, $"{cmdlet} -{definition.CmdletName} {text}");
            Assert.Contains(definition.CmdletName, result.End.ToString(), StringComparison.Ordinal);
        }
    }

    /// <summary>Options with another value of a property; null if its type cannot hold the value.</summary>
    private static T? With<T>(T options, string name, long value)
        where T : notnull
    {
        PropertyInfo property = typeof(T).GetProperty(name)!;
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type == typeof(int) && value is (< int.MinValue or > int.MaxValue))
            return default;
        object changed = type == typeof(TimeSpan) ? TimeSpan.FromSeconds(value) : Convert.ChangeType(value, type, CultureInfo.InvariantCulture);
        var copy = (T)typeof(T).GetMethod("<Clone>$")!.Invoke(options, null)!;
        property.SetValue(copy, changed);
        return copy;
    }
}
