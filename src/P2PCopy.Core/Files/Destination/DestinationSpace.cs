using System.Globalization;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>The room on the file system of a destination, which may not exist yet.</summary>
internal sealed class DestinationSpace(string root)
{
    /// <summary>Bytes that this user may still write at the destination; null when the system does not tell.</summary>
    public long? FreeBytes
    {
        get
        {
            string existing = root;
            while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent) existing = parent;
            try
            {
                return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(existing)! : existing).AvailableFreeSpace;
            }
            catch (Exception exception) when (FileErrors.IsFileError(exception))
            {
                // Network shares without a drive letter have no figure.
                return null;
            }
        }
    }

    /// <summary>Checks before the first byte that the plan fits.</summary>
    /// <param name="bytes">The full size of every file that will be built, less what their partials already take.</param>
    /// <returns>The failure, or null.</returns>
    public P2PException? Objection(long bytes)
        => FreeBytes is { } free && free < bytes
            ? new P2PException(
                P2PErrorCode.InsufficientSpace,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The transfer needs {bytes:N0} bytes and \"{VisibleText.Name(root)}\" has {free:N0} free. Free some space or choose another destination."))
            : null;
}
