using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Probes;
using P2PCopy.Primitives;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Tool;

namespace P2PCopy.Tests.Hostile;

/// <summary>A sender with the right code that wants to write where it must not. What is refused is refused by name; the rest arrives.</summary>
public sealed class HostileSenderTests : IDisposable
{
    private readonly TransferPair _pair = new();
    private readonly HostileSender _sender;

    public HostileSenderTests() => _sender = new HostileSender(_pair);

    public static TheoryData<string> Names => new(
        "../x",
        "..",
        ".",
        "./x",
        "a/../../x",
        "a/../x",
        "a/./x",
        "/abs",
        "//abs",
        "",
        "a//x",
        "a/",
        "nul\0x",
        "a/nul\0",
        new string('n', 256),
        "a/" + new string('ü', 128),
        string.Join('/', Enumerable.Repeat(new string('d', 200), 21)),
        string.Join('/', Enumerable.Repeat("d", 256)),
        WireName.Partial("good 1"),
        "a/" + WireName.Partial("x").ToUpperInvariant());

    public static TheoryData<string> WindowsNames => new(@"C:\x", "C:x", "x:stream", "nul", "NUL.txt", "x.", "x ", @"a\b", @"..\x", @"\\host\share\x", "a/con/x", "q?");

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_that_must_not_be_written_is_refused_by_name_and_the_rest_arrives(string name)
        => await RefusedAsync(_pair.Receive, name);

    [Theory]
    [MemberData(nameof(WindowsNames))]
    public async Task Names_with_a_meaning_on_Windows_are_refused_under_its_rules(string name)
        => await RefusedAsync(_pair.Receive with { Rules = NameRules.Windows }, name);

    [Fact]
    public async Task A_path_through_a_link_that_leads_out_is_refused_by_name()
    {
        Directory.CreateDirectory(_pair.Destination);
        File.CreateSymbolicLink(Path.Combine(_pair.Destination, "out"), Directory.CreateDirectory(_pair.Folder["outside"]).FullName);

        await RefusedAsync(_pair.Receive, "out/x", said: "\"out\" is a link here that leads out");
        Assert.Empty(Directory.GetFileSystemEntries(_pair.Folder["outside"]));
    }

    [Fact]
    public async Task A_link_of_the_senders_own_never_becomes_a_way_out()
    {
        Directory.CreateDirectory(_pair.Folder["outside"]);
        (Outcome sender, Outcome receiver) = await _sender.OfferAsync(
            _pair.Receive,
            HostileSender.Link("l", "../outside"),
            HostileSender.Link("a", "/etc"),
            _sender.File("l/x"),
            HostileSender.Link("in", "deep/er"),
            HostileSender.Link("in/up", "../../outside"),
            _sender.File("good 1"));

        Assert.Null(receiver.Exception);
        Assert.Equal(FileStatus.Copied, Find(receiver, "good 1").Status);
        Assert.Equal(P2PErrorCode.NameRefused, Find(receiver, "l").Error);
        Assert.Equal(P2PErrorCode.NameRefused, Find(receiver, "a").Error);
        Assert.Equal(P2PErrorCode.NameRefused, Find(sender, "in/up").Error);
        Assert.Empty(Directory.GetFileSystemEntries(_pair.Folder["outside"]));
    }

    [Fact]
    public async Task On_a_file_system_that_folds_names_the_first_spelling_arrives_and_the_second_is_refused_by_name()
    {
        ReceiveOptions folding = _pair.Receive with { Folding = new Folds() };
        (Outcome sender, Outcome receiver) = await _sender.OfferAsync(
            folding, _sender.File("Readme"), _sender.File("README"), HostileSender.Folder("Dir"), _sender.File("dir/x"), _sender.File("good 1"));

        foreach (Outcome outcome in new[] { sender, receiver })
        {
            Assert.Null(outcome.Error);
            Assert.Equal(P2PErrorCode.NameRefused, Find(outcome, "README").Error);
            Assert.Contains("\"Readme\"", Find(outcome, "README").Message, StringComparison.Ordinal);
            Assert.Equal(P2PErrorCode.NameRefused, Find(outcome, "dir/x").Error);
            Assert.Equal(FileStatus.Copied, Find(outcome, "Readme").Status);
            Assert.Equal(FileStatus.Copied, Find(outcome, "good 1").Status);
        }

        Assert.Equal(["Dir", "Readme", "good 1"], Written());
    }

    [Fact]
    public async Task A_name_offered_twice_arrives_once()
    {
        (_, Outcome receiver) = await _sender.OfferAsync(_pair.Receive, _sender.File("twice"), _sender.File("twice"));

        Assert.Equal([FileStatus.Copied, FileStatus.Failed], receiver.Report!.Files.Select(f => f.Status));
        Assert.Equal(["twice"], Written());
    }

    [Fact]
    public async Task More_bytes_than_there_can_be_end_the_session_with_an_error_of_its_own()
    {
        ManifestEntry vast = _sender.File("a") with { Length = long.MaxValue };
        (Outcome sender, Outcome receiver) = await _sender.OfferAsync(_pair.Receive, vast, vast with { Name = "b" });

        Assert.Equal(P2PErrorCode.ProtocolError, receiver.Error);
        Assert.Equal(P2PErrorCode.ProtocolError, sender.Error);
        Assert.False(Directory.Exists(_pair.Destination));
    }

    [Fact]
    public async Task An_offer_that_would_fill_the_memory_with_names_is_refused_before_anything_is_written()
    {
        ManifestEntry[] entries = [.. "abcd".Select(c => _sender.File(new string(c, 3000)))];
        (Outcome sender, Outcome receiver) = await _sender.OfferAsync(_pair.Receive with { MostNameCharacters = 10_000 }, entries);

        Assert.Equal(P2PErrorCode.LimitExceeded, receiver.Error);
        Assert.Equal(P2PErrorCode.LimitExceeded, sender.Error);
        Assert.False(Directory.Exists(_pair.Destination));
    }

    [Fact]
    public async Task The_tool_names_each_refused_file_and_ends_with_3()
    {
        var tool = new ToolRun();
        tool.Engine.Run = (options, progress, token)
            => P2PTransfer.ReceiveAsync((ReceiveOptions)options with { Connector = _pair.Relay }, progress, token);
        Task<Outcome> sender = _sender.SendAsync(_sender.File("good 1"), _sender.File("../x"), _sender.File("esc\u001b[2J/../x"), _sender.File("good 2"));

        int status = await tool.RunAsync(
            TestContext.Current.CancellationToken, "receive", _pair.Destination, "--relay", "ws://127.0.0.1:1", "--code", TransferPair.Code);

        Assert.Equal(3, status);
        Assert.Contains("../x", tool.Error, StringComparison.Ordinal);
        Assert.Contains("NameRefused", tool.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', tool.Error);
        Assert.Contains("2 failed", tool.Out, StringComparison.Ordinal);
        Assert.Equal(P2PErrorCode.NameRefused, Find(await sender, "../x").Error);
        Assert.Equal(["good 1", "good 2"], Written());
    }

    public void Dispose() => _pair.Dispose();

    private async Task RefusedAsync(ReceiveOptions receive, string name, string? said = null)
    {
        string[] before = [.. Directory.GetFileSystemEntries(_pair.Folder.FullPath), _pair.Source, _pair.Destination, _pair.Folder["content"]];
        (Outcome sender, Outcome receiver) = await _sender.OfferAsync(
            receive, _sender.File("good 1"), _sender.File(name), HostileSender.Folder("folder"), _sender.File("folder/good 2"));

        foreach (Outcome outcome in new[] { sender, receiver })
        {
            Assert.Null(outcome.Error);
            Assert.False(outcome.Succeeded);
            FileReport refused = Find(outcome, name);
            Assert.Equal((FileStatus.Failed, P2PErrorCode.NameRefused), (refused.Status, refused.Error));
            Assert.Contains(said ?? VisibleText.Name(name), refused.Message, StringComparison.Ordinal);
            Assert.All(outcome.Report!.Files.Where(f => f.Name != name), f => Assert.Equal(FileStatus.Copied, f.Status));
        }

        Assert.Equal(HostileSender.Content, File.ReadAllText(Path.Combine(_pair.Destination, "good 1")));
        Assert.Equal(HostileSender.Content, File.ReadAllText(Path.Combine(_pair.Destination, "folder", "good 2")));
        Assert.Equal(["folder", "folder/good 2", "good 1"], Written().Where(n => n != "out"));
        Assert.Empty(Directory.GetFileSystemEntries(_pair.Folder.FullPath).Except(before));
    }

    private static FileReport Find(Outcome outcome, string name) => Assert.Single(outcome.Report!.Files, f => f.Name == name);

    private IEnumerable<string> Written()
        => Directory.EnumerateFileSystemEntries(_pair.Destination, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Select(p => Path.GetRelativePath(_pair.Destination, p).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    private sealed class Folds : IFoldingProbe
    {
        bool IFoldingProbe.Folds(FolderHandle folder, string path) => true;
    }
}
