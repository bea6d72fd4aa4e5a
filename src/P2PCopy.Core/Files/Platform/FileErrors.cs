using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Platform;

/// <summary>Converts errors of the system to a code and a sentence.</summary>
internal static class FileErrors
{
    public const int NoSuchFile = 2;
    public const int AccessDenied = 13;
    public const int AlreadyExists = 17;
    public const int NotAFolder = 20;

    /// <summary>Another transfer has the file; not a number of the system.</summary>
    public const int Busy = -1;

    /// <summary>A link is in the way; Linux's number, to which that of macOS is translated.</summary>
    public const int IsLink = 40;

    /// <summary>The name is the short name (8.3) that Windows gave to another entry; not a number of the system.</summary>
    public const int ShortName = -3;

    /// <summary>This system has no such call; not a number of the system.</summary>
    public const int NotAvailable = -4;

    /// <summary>The file would be larger than its file system or the limit of the process allows; the same on Linux and macOS.</summary>
    private const int TooLarge = 27;

    /// <summary>The partial's name belongs to something that cannot be replaced; not a number of the system.</summary>
    public const int NotAFile = -2;

    private const string CheckPermissions = "Check the permissions.";

    /// <summary>A failure to write or create; the sentence names the file.</summary>
    public static P2PException Write(string what, string path, Exception cause)
    {
        FileProblem problem = Of(what, path, cause);
        return new P2PException(P2PErrorCode.FileWriteError, problem.Message, cause) { Hint = problem.Hint };
    }

    /// <summary>A failure to write or create by error number.</summary>
    public static P2PException Write(string what, string path, int error)
    {
        FileProblem problem = Of(what, path, error);
        return new P2PException(P2PErrorCode.FileWriteError, problem.Message) { Hint = problem.Hint };
    }

    /// <summary>The attributes of an open file of the destination.</summary>
    /// <exception cref="P2PException">The system does not tell them.</exception>
    public static FileStat StatOf(SafeFileHandle file, string path)
    {
        try
        {
            return FileStat.Of(file, path);
        }
        catch (Exception e) when (IsFileError(e))
        {
            throw Write("Writing", path, e);
        }
    }

    /// <summary>The error if another program changed a file that this transfer uses or writes.</summary>
    public static P2PException Meddled(string path) => new(
        P2PErrorCode.IntegrityCheckFailed,
        $"Writing \"{VisibleText.Name(path)}\" failed: another program changed the file during the transfer.")
    {
        Hint = "Run again.",
    };

    /// <summary>The error if the disk did not take what was written.</summary>
    public static P2PException NotFlushed(string path, int error) => Write("Writing to the disk of", path, error);

    /// <summary>The error if another transfer writes the same file.</summary>
    public static P2PException IsBusy(string path) => new(
        P2PErrorCode.FileWriteError,
        $"Writing \"{VisibleText.Name(path)}\" failed: another transfer is writing it.")
    {
        Hint = "Run again when that has ended.",
    };

    /// <summary>A failure to read by error number.</summary>
    public static FileProblem Read(string path, int error) => Of("Reading", path, error);

    /// <summary>A failure to open a folder by error number.</summary>
    public static FileProblem Open(string path, int error) => Of("Opening the folder", path, error);

    /// <summary>A failure to read.</summary>
    public static FileProblem Read(string path, Exception cause) => Of("Reading", path, cause);

    /// <summary>True for exceptions of a file system that fail only the affected file.</summary>
    public static bool IsFileError(Exception exception)
        => exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException
            or System.Security.SecurityException;

    /// <summary>The system's error number in an exception of the library; 0 when it has none.</summary>
    public static int ErrorNumber(Exception exception)
        // .NET reports a file that is too large without its number.
        => exception is ArgumentOutOfRangeException && !OperatingSystem.IsWindows() ? TooLarge
        // Unix keeps the number as it is; Windows wraps it as 0x8007nnnn.
        : (exception.HResult & 0xFFFF0000) == 0x80070000 || exception.HResult > 0 ? exception.HResult & 0xFFFF : 0;

    private static FileProblem Of(string what, string path, Exception cause)
    {
        int error = ErrorNumber(cause);
        return error != 0 && IsNoSpace(error) ? Of(what, path, error)
            : cause is UnauthorizedAccessException ? Of(what, path, "access is denied.", CheckPermissions)
            : !OperatingSystem.IsWindows() && error is > 0 and < 1000 ? Of(what, path, error)
            : Of(what, path, cause.Message, hint: null);
    }

    private static FileProblem Of(string what, string path, int error)
    {
        (string reason, string? hint) = Reason(error);
        return Of(what, path, reason, hint);
    }

    private static FileProblem Of(string what, string path, string reason, string? hint)
        => new($"{what} \"{VisibleText.Name(path)}\" failed: {reason}", hint);

    private static (string Sentence, string? Hint) Reason(int error)
    {
        if (IsNoSpace(error))
            return ("no space left on the device.", "Free some space and run again.");
        switch (error)
        {
            // Our own numbers have the same sentence on every system: Windows has other errors with these numbers.
            case NoSuchFile:
                return ("it does not exist.", null);
            case AccessDenied when OperatingSystem.IsWindows():
                return ("access is denied, or another program has the file open.", CheckPermissions);
            case AccessDenied:
                return ("access is denied.", CheckPermissions);
            case AlreadyExists:
                return ("it exists already.", null);
            case NotAFolder:
                return ("a file is where a folder should be.", null);
            case IsLink:
                return ("a link is in its path.", null);
            case Busy:
                return ("another program has the file open.", null);
            case NotAFile:
                return ("it is not a file.", null);
            case ShortName:
                return ("its name is the short name of another file.", null);
        }

        string text = Marshal.GetPInvokeErrorMessage(error);
        return error switch
        {
            _ when OperatingSystem.IsWindows() => (text, null),
            1 => ("access is denied.", CheckPermissions),
            24 or 23 => ("too many files are open.", "Raise the limit of open files (`ulimit -n`)."),
            TooLarge => ("the file is larger than the file system or this process may write (`ulimit -f`).", null),
            30 => ("the file system is read-only.", null),
            _ => (char.ToLowerInvariant(text[0]) + text[1..].TrimEnd('.') + ".", null),
        };
    }

    // ENOSPC and EDQUOT; ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL and ERROR_DISK_QUOTA_EXCEEDED.
    private static bool IsNoSpace(int error) => OperatingSystem.IsWindows()
        ? error is 112 or 39 or 1295
        : error == 28 || error == (OperatingSystem.IsMacOS() ? 69 : 122);
}
