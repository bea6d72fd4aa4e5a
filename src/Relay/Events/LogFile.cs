using System.Text;

namespace P2PCopy.Relay.Events;

/// <summary>
/// A log file that any program may rename or delete at any time: every line opens it again, so that log rotation needs no signal
/// and no restart, on Windows too.
/// </summary>
internal sealed class LogFile
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly string _path;
    private readonly FileStreamOptions _options = new()
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
    };

    /// <summary>Creates the file, if it does not exist.</summary>
    /// <exception cref="P2PException">The file cannot be written.</exception>
    public LogFile(string path)
    {
        _path = path;
        if (!OperatingSystem.IsWindows())
            _options.UnixCreateMode = Mode;
        try
        {
            using FileStream file = Open();
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw new P2PException(P2PErrorCode.InvalidOption, $"The log file '{path}' could not be opened: {e.Message}", e)
            {
                Hint = "Create its folder, and let the account of the relay write there.",
            };
        }
    }

    /// <summary>Appends one line; false if the file did not accept it.</summary>
    public bool TryWrite(string line)
    {
        try
        {
            using FileStream file = Open();
            file.Write(Encoding.UTF8.GetBytes(line + Environment.NewLine));
            return true;
        }
        catch (Exception e) when (IsRefusal(e))
        {
            return false;
        }
    }

    private FileStream Open() => new(_path, _options);

    private static bool IsRefusal(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;
}
