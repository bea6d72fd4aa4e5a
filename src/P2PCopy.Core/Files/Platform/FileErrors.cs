using System.Runtime.InteropServices;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Platform;

/// <summary>The one place where the system's errors become a code and a sentence.</summary>
internal static class FileErrors
{
    /// <summary>A failure to write or create; the sentence names the file.</summary>
    public static P2PException Write(string what, string path, Exception cause)
        => new(P2PErrorCode.FileWriteError, Sentence(what, path, cause), cause);

    /// <summary>A failure to write or create by error number.</summary>
    public static P2PException Write(string what, string path, int error)
        => new(P2PErrorCode.FileWriteError, $"{what} \"{VisibleText.Name(path)}\" failed: {Reason(error)}");

    /// <summary>What was found here of a file is not any more what it was when it was compared.</summary>
    public static P2PException Meddled(string path) => new(
        P2PErrorCode.IntegrityCheckFailed,
        $"Updating \"{VisibleText.Name(path)}\" failed: somebody else changed meanwhile what was here of it. Run again.");

    /// <summary>A failure to read by error number.</summary>
    public static string Read(string path, int error)
        => $"Reading \"{VisibleText.Name(path)}\" failed: {Reason(error)}";

    /// <summary>A failure to read.</summary>
    public static string Read(string path, Exception cause) => Sentence("Reading", path, cause);

    /// <summary>True for what a file system throws and one file alone must answer for.</summary>
    public static bool IsFileError(Exception exception)
        => exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException
            or System.Security.SecurityException;

    /// <summary>The system's error number in an exception of the library; 0 when it has none.</summary>
    public static int ErrorNumber(Exception exception)
        // Unix keeps the number as it is; Windows wraps it as 0x8007nnnn.
        => (exception.HResult & 0xFFFF0000) == 0x80070000 || exception.HResult > 0 ? exception.HResult & 0xFFFF : 0;

    private static string Sentence(string what, string path, Exception cause)
    {
        int error = ErrorNumber(cause);
        string reason = error != 0 && IsNoSpace(error) ? Reason(error)
            : cause is UnauthorizedAccessException ? "access is denied. Check the permissions."
            : !OperatingSystem.IsWindows() && error is > 0 and < 1000 ? Reason(error)
            : cause.Message;
        return $"{what} \"{VisibleText.Name(path)}\" failed: {reason}";
    }

    private static string Reason(int error)
    {
        if (IsNoSpace(error)) return "no space left on the device. Free some and run again.";
        string text = Marshal.GetPInvokeErrorMessage(error);
        return error switch
        {
            _ when OperatingSystem.IsWindows() => text,
            Posix.NoSuchFile => "it does not exist.",
            Posix.AccessDenied or 1 => "access is denied. Check the permissions.",
            30 => "the file system is read-only.",
            _ => char.ToLowerInvariant(text[0]) + text[1..].TrimEnd('.') + ".",
        };
    }

    // ENOSPC and EDQUOT; ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL and ERROR_DISK_QUOTA_EXCEEDED.
    private static bool IsNoSpace(int error) => OperatingSystem.IsWindows()
        ? error is 112 or 39 or 1295
        : error == 28 || error == (OperatingSystem.IsMacOS() ? 69 : 122);
}
