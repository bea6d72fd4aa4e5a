namespace P2PCopy.Tests.Unit.Files;

/// <summary>A small memory file system that can be filled or made read-only: the refusals that even root gets.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string fullPath) => FullPath = fullPath;

    public string FullPath { get; }

    /// <summary>Mounts one, or skips the test where that is not allowed.</summary>
    public static SmallDisk MountOrSkip(string options, string format = "tmpfs")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Mounting a file system needs root on Linux.");
        string path = Directory.CreateTempSubdirectory("p2pcopy-disk-").FullName;
        (int status, _, string errors) = Shell.TryRun("mount", "-t", format, "-o", options.Length == 0 ? "rw" : options, "p2pcopy-test", path);
        if (status != 0)
            Directory.Delete(path);
        Assert.SkipUnless(status == 0, $"Mounting is not allowed here: {errors.Trim()}");
        return new SmallDisk(path);
    }

    public void MakeReadOnly() => Shell.Run("mount", "-o", "remount,ro", FullPath);

    public void Dispose()
    {
        Shell.Run("umount", "-l", FullPath);
        Directory.Delete(FullPath);
    }
}
