using Microsoft.Win32.SafeHandles;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Tests.Unit.Transfer;

public sealed class PartialWatchTests
{
    [Fact]
    public void A_disk_that_does_not_tell_the_times_of_a_file_fails_this_file_and_not_the_transfer()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A handle with an invalid number is another error there.");
        using var file = new SafeFileHandle(99_999, ownsHandle: false);
        P2PException e = Assert.Throws<P2PException>(() => new PartialWatch(file, "/destination/file"));
        Assert.Equal(P2PErrorCode.FileWriteError, e.Code);
        Assert.StartsWith("Writing \"/destination/file\" failed: ", e.Message, StringComparison.Ordinal);
    }
}
