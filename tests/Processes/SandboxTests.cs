using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Processes;

/// <summary>A standing receiver on a kernel with Landlock can change files below its folder and nowhere else.</summary>
public sealed class SandboxTests : IDisposable
{
    private const string Code = "sandb1-acorn-bamboo-cactus-dolphin";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_standing_receiver_writes_below_its_folder_and_not_into_another_one_that_takes_its_name()
    {
        Assert.SkipUnless(HasLandlock(), "The kernel has no Landlock, or a filter of system calls is active.");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess endRelay = relay;
        await using ToolProcess box = ToolProcess.Start(Code, "receive", _folder["box"], "--relay", address.AbsoluteUri, "--continuous", "--json");
        await box.WaitForEventAsync("waiting");
        Assert.Contains("NoNewPrivs:\t1", File.ReadLines($"/proc/{box.Id}/status"));
        string file = _folder.File("file", "content");

        Assert.Equal(0, await SendAsync());
        Assert.Equal("content", await File.ReadAllTextAsync(_folder["box/file"], TestContext.Current.CancellationToken));

        // Another folder of the same name is outside, as every place is to which an error in the walk of paths could lead.
        Directory.Move(_folder["box"], _folder["moved"]);
        Directory.CreateDirectory(_folder["box"]);
        Assert.NotEqual(0, await SendAsync());
        Assert.Empty(Directory.GetFileSystemEntries(_folder["box"]));

        async Task<int> SendAsync()
        {
            await using ToolProcess sender = ToolProcess.Start(Code, "send", file, "--relay", address.AbsoluteUri);
            return await sender.WaitAsync();
        }
    }

    [Fact]
    public async Task One_transfer_has_none_by_default()
    {
        Assert.SkipUnless(HasLandlock(), "The kernel has no Landlock, or a filter of system calls is active.");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess endRelay = relay;
        await using ToolProcess once = ToolProcess.Start(Code, "receive", _folder["once"], "--relay", address.AbsoluteUri, "--json");
        await once.WaitForEventAsync("waiting");
        Assert.Contains("NoNewPrivs:\t0", File.ReadLines($"/proc/{once.Id}/status"));
    }

    /// <summary>The destination does not exist before the user agrees, and the list of hashes lies elsewhere.</summary>
    [Fact]
    public async Task One_transfer_has_one_on_request_and_writes_below_its_new_folder_and_the_list()
    {
        Assert.SkipUnless(HasLandlock(), "The kernel has no Landlock, or a filter of system calls is active.");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess endRelay = relay;
        _folder.Folder("new");
        _folder.Folder("lists");
        string[] arguments = ["receive", _folder["new/a/b"], "--relay", address.AbsoluteUri, "--json", "--sha256-list", _folder["lists/list"]];
        await using ToolProcess once = ToolProcess.StartLimited(Code, "-c 0", ["P2PCOPY_SANDBOX=on"], arguments);
        await once.WaitForEventAsync("waiting");
        Assert.Contains("NoNewPrivs:\t1", File.ReadLines($"/proc/{once.Id}/status"));
        Assert.False(Directory.Exists(_folder["new/a"]));
        await using ToolProcess sender = ToolProcess.Start(Code, "send", _folder.File("file", "content"), "--relay", address.AbsoluteUri);

        Assert.Equal((0, 0), (await sender.WaitAsync(), await once.WaitAsync()));
        Assert.Equal("content", File.ReadAllText(_folder["new/a/b/file"]));
        Assert.EndsWith("  file\n", File.ReadAllText(_folder["lists/list"]), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static bool HasLandlock()
    {
        const int version = 1;
        return OperatingSystem.IsLinux() && File.ReadLines("/proc/self/status").Contains("Seccomp:\t0") && syscall(444, 0, 0, version) >= 3;
    }

    [System.Runtime.InteropServices.DllImport("libc")]
    private static extern nint syscall(nint number, nint first, nint second, nint third);
}
