using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Unit.Transfer;

public sealed class TransferReportTests
{
    private static readonly FileReport CopiedFile = new() { Name = "a", Status = FileStatus.Copied };

    [Fact]
    public void EnsureSuccess_returns_a_report_of_success()
    {
        var report = new TransferReport { Files = [CopiedFile] };
        Assert.Same(report, report.EnsureSuccess());
    }

    [Fact]
    public void EnsureSuccess_throws_what_ended_the_transfer()
    {
        var error = new P2PException(P2PErrorCode.ConnectionLost, "Lost.") { Hint = "run it again" };
        var report = new TransferReport { Files = [CopiedFile], Error = error };
        Assert.Same(error, Assert.Throws<P2PException>(report.EnsureSuccess));
    }

    [Fact]
    public void EnsureSuccess_names_the_first_file_that_failed_and_counts_the_others()
    {
        FileReport failed = new() { Name = "b\u001b", Status = FileStatus.Failed, Error = P2PErrorCode.FileWriteError, Message = "The disk is full." };
        P2PException e = Assert.Throws<P2PException>(new TransferReport { Files = [CopiedFile, failed, failed with { Name = "c" }] }.EnsureSuccess);
        Assert.Equal(P2PErrorCode.FileWriteError, e.Code);
        Assert.Equal("b\\x1b: The disk is full.", e.Message);
        Assert.Equal("1 more failed; see Files of the report.", e.Hint);

        e = Assert.Throws<P2PException>(new TransferReport { Files = [CopiedFile, failed with { Hint = "Free some." }] }.EnsureSuccess);
        Assert.Equal("Free some.", e.Hint);
    }

    [Fact]
    public async Task A_list_that_goes_to_a_pipe_leaves_the_pipe_and_one_that_goes_to_a_link_replaces_the_link()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Makes a pipe with mkfifo.");
        using var folder = new TemporaryFolder();
        Shell.Run("mkfifo", folder["pipe"]);
        var report = new TransferReport { Files = [CopiedFile with { Kind = FileReportKind.File, Hash = "AB" }] };
        Task<string> read = Task.Run(() => File.ReadAllText(folder["pipe"]));
        await Sha256List.WriteAsync(folder["pipe"], folder.FullPath, report, TestContext.Current.CancellationToken);
        Assert.Equal("ab  a\n", await read);
        Assert.Equal([folder["pipe"]], Directory.GetFileSystemEntries(folder.FullPath));

        folder.File("other");
        folder.Link("link", folder["other"]);
        await Sha256List.WriteAsync(folder["link"], folder.FullPath, report, TestContext.Current.CancellationToken);
        Assert.Equal(("content", "ab  a\n", null), (File.ReadAllText(folder["other"]), File.ReadAllText(folder["link"]), new FileInfo(folder["link"]).LinkTarget));
    }

    [Fact]
    public async Task A_list_in_a_folder_that_does_not_exist_is_told_without_the_name_of_the_unfinished_file()
    {
        using var folder = new TemporaryFolder();
        IOException e = await Assert.ThrowsAsync<IOException>(
            () => Sha256List.WriteAsync(folder["gone/list"], folder.FullPath, new TransferReport { Files = [] }, TestContext.Current.CancellationToken));
        Assert.Equal($"no file can be created in \"{folder["gone"]}\"", e.Message);
    }
}
