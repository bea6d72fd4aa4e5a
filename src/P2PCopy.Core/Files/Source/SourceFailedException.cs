using System.Globalization;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Source;

/// <summary>The failure of one file of the sender.</summary>
internal sealed class SourceFailedException : Exception
{
    private SourceFailedException(FileProblem problem, bool isChange, Exception? innerException = null)
        : base(problem.Message, innerException)
    {
        Hint = problem.Hint;
        IsChange = isChange;
    }

    /// <summary>What to do; null if there is no advice.</summary>
    public string? Hint { get; }

    /// <summary>Whether the file changed since it was offered, so that a second offer may succeed.</summary>
    public bool IsChange { get; }

    /// <summary>The error code of every such failure.</summary>
    public static P2PErrorCode Code => P2PErrorCode.FileReadError;

    /// <summary>The file is not the one that was offered.</summary>
    public static SourceFailedException Changed(string path, string how)
        => new(new FileProblem($"Reading \"{VisibleText.Name(path)}\" failed: it changed since it was offered ({how})."), isChange: true);

    /// <summary>The content has another length than the file system states, as in <c>/proc</c>.</summary>
    public static SourceFailedException WrongSize(string path, long length, string how) => new(
        new FileProblem(
            string.Create(CultureInfo.InvariantCulture, $"Reading \"{VisibleText.Name(path)}\" failed: it gives {how} bytes than its size of {length:N0} states."),
            "Send its content as a stream instead, with p2pcopy send -."),
        isChange: false);

    /// <summary>The file cannot be read.</summary>
    public static SourceFailedException Unreadable(string path, Exception cause)
        => new(FileErrors.Read(path, cause), isChange: false, cause);

    /// <summary>The file cannot be read.</summary>
    public static SourceFailedException Unreadable(string path, int error) => new(FileErrors.Read(path, error), isChange: false);
}
