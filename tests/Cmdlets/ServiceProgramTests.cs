using P2PCopy.Cmdlets.Services;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>Another account runs a service, so it must be able to read and to run its files.</summary>
public sealed class ServiceProgramTests
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Runnable = Readable | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    [Theory]
    [InlineData(Runnable, true, null)]
    [InlineData(Readable, false, null)]
    [InlineData(Readable, true, "cannot be run")]
    [InlineData(Readable & ~UnixFileMode.OtherRead, false, "cannot be read")]
    [InlineData(Runnable | UnixFileMode.OtherWrite, true, "can be changed by other users")]
    public void A_file_that_the_account_cannot_use_is_a_problem(UnixFileMode mode, bool isProgram, string? problem)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        using var folder = new TemporaryFolder();
        string file = folder.File("pwsh", "");
        TemporaryFolder.SetMode(folder.FullPath, (int)Runnable);
        TemporaryFolder.SetMode(file, (int)mode);
        string? found = ServiceFolders.Problem(file, isProgram);
        if (problem is null)
            Assert.Null(found);
        else
            Assert.Contains(problem, found, StringComparison.Ordinal);
    }
}
