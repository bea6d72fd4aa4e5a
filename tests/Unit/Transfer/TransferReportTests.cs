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
}
