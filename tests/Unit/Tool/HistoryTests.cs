using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Unit.Tool;

/// <summary>The list of the last transfers: complete, private, without secrets, and never in the way.</summary>
public sealed class HistoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string HistoryPath => Path.Combine(_folder.FullPath, "p2pcopy", "history.jsonl");

    [Fact]
    public async Task Each_transfer_is_listed_with_its_result_and_without_secrets()
    {
        ToolRun tool = Create();
        FileReport[] files =
        [
            new() { Name = "results/a\u001b.txt", FullName = Path.Combine(_folder.FullPath, "in", "results", "a.txt"), Status = FileStatus.Copied, Length = 3 << 20 },
            new() { Name = "results/b.txt", Status = FileStatus.Copied },
        ];
        tool.Engine.Run = (_, _, _) => Task.FromResult(FakeEngine.Report(files) with { BytesCopied = 3 << 20 });
        Assert.Equal(0, await tool.RunAsync("receive", "--relay", "wss://relay.example", "--code", "lab-topsecret", "--token", "topsecrettoken"));
        tool.Engine.Run = (_, _, _) => Task.FromResult(FakeEngine.Report() with { Error = new P2PException(P2PErrorCode.ConnectionLost, "gone") });
        await tool.RunAsync("send", "x", "--relay", "wss://relay.example");

        ToolRun shown = Create();
        Assert.Equal(0, await shown.RunAsync("history"));
        Assert.Collection(
            shown.Lines,
            l => Assert.EndsWith($"received  Succeeded              2 files, 3.0 MiB  results to {Path.Combine(_folder.FullPath, "in")}", l, StringComparison.Ordinal),
            l => Assert.Contains("sent      ConnectionLost", l, StringComparison.Ordinal));
        string text = File.ReadAllText(HistoryPath);
        Assert.DoesNotContain("topsecret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("relay.example", text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(HistoryPath));
    }

    [Fact]
    public async Task A_cancelled_transfer_is_listed_and_shows_the_command_that_resumes_it()
    {
        ToolRun tool = Create();
        using var cancel = new CancellationTokenSource();
        tool.Engine.Run = (options, _, token) =>
        {
            options.OnEvent!(new TransferEvent.Cancelled(FakeEngine.Report() with { BytesTransferred = 1, Error = new P2PException(P2PErrorCode.Cancelled, "cancelled") }));
            cancel.Cancel();
            token.ThrowIfCancellationRequested();
            return Task.FromResult(FakeEngine.Report());
        };
        Assert.Equal(130, await tool.RunAsync(cancel.Token, "receive", "7k3m9q-amber-velvet-canoe", "in here", "--relay", "wss://relay.example", "--token", "topsecrettoken"));
        Assert.Contains("with the code and the relay that it shows: p2pcopy receive 'in here' --relay wss://relay.example", tool.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", tool.Error, StringComparison.Ordinal);
        Assert.Contains("\"Cancelled\"", File.ReadAllText(HistoryPath), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("P2PCOPY_HISTORY", "off")]
    [InlineData("P2PCOPY_CONFIG", "config.json")]
    public async Task It_can_be_switched_off(string variable, string value)
    {
        ToolRun tool = Create();
        File.WriteAllText(_folder["config.json"], """{ "history": false }""");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder["config.json"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        tool.Environment[variable] = variable == "P2PCOPY_CONFIG" ? _folder[value] : value;
        await tool.RunAsync("send", "x", "--relay", "ws://r");
        Assert.False(File.Exists(HistoryPath));
    }

    [Fact]
    public async Task It_is_cleared_kept_short_and_never_in_the_way()
    {
        ToolRun tool = Create();
        await tool.RunAsync("send", "x", "--relay", "ws://r");
        string line = File.ReadAllLines(HistoryPath).Single();
        File.WriteAllLines(HistoryPath, Enumerable.Repeat(line, (256 << 10) / line.Length + 1).Append("not JSON"));
        await tool.RunAsync("send", "x", "--relay", "ws://r");
        Assert.InRange(new FileInfo(HistoryPath).Length, 1, 200 << 10);

        var shown = Create();
        Assert.Equal(0, await shown.RunAsync("history", "--count", "3", "--json"));
        Assert.Equal(3, shown.Lines.Length);

        Assert.Equal(0, await tool.RunAsync("history", "--clear"));
        Assert.False(File.Exists(HistoryPath));
        Directory.CreateDirectory(HistoryPath); // cannot be written
        Assert.Equal(0, await tool.RunAsync("send", "x", "--relay", "ws://r"));
    }

    [Fact]
    public async Task It_is_not_written_where_another_user_could_make_it_a_link()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Gives a folder to another user.");
        string target = _folder.File("target", "root's own\n");
        Directory.CreateDirectory(Path.GetDirectoryName(HistoryPath)!);
        File.CreateSymbolicLink(HistoryPath, target);
        Shell.Run("chown", "65534", Path.GetDirectoryName(HistoryPath)!);

        Assert.Equal(0, await Create().RunAsync("send", "x", "--relay", "ws://r"));
        Assert.Equal("root's own\n", File.ReadAllText(target));
    }

    private ToolRun Create() => new() { Environment = { ["XDG_STATE_HOME"] = _folder.FullPath, ["LOCALAPPDATA"] = _folder.FullPath } };
}
