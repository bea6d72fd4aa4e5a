using System.Globalization;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>The free space where files of a round will be written, for each file system that they lie on.</summary>
internal sealed class DestinationSpace(string root)
{
    private readonly Dictionary<ulong, (string Folder, long Bytes)> _needed = [];

    /// <summary>Bytes that this user may still write at the destination; null when the system does not tell.</summary>
    public long? FreeBytes => FileSystem.Current.FreeBytes(ExistingPart(root));

    /// <summary>Begins a new plan.</summary>
    public void Clear() => _needed.Clear();

    /// <summary>Adds a file to the plan.</summary>
    /// <param name="device">The device of its folder.</param>
    /// <param name="folder">The path of its folder; may not exist yet.</param>
    /// <param name="bytes">Bytes that it will take.</param>
    public void Need(ulong device, string folder, long bytes)
    {
        (string Folder, long Bytes) before = _needed.TryGetValue(device, out (string, long) found) ? found : (folder, 0);
        _needed[device] = (before.Folder, long.MaxValue - before.Bytes < bytes ? long.MaxValue : before.Bytes + bytes);
    }

    /// <summary>Checks before the first byte that the plan fits.</summary>
    /// <returns>The failure, or null.</returns>
    public P2PException? Objection()
    {
        foreach ((string folder, long bytes) in _needed.Values)
        {
            string existing = ExistingPart(folder);
            if (FileSystem.Current.FreeBytes(existing) is not { } free || free >= bytes)
                continue;
            return new P2PException(
                P2PErrorCode.InsufficientSpace,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The transfer needs {bytes:N0} bytes and \"{VisibleText.Name(existing)}\" has {free:N0} free."))
            {
                Hint = "Free some space, choose another destination, or skip this check (`SkipSpaceCheck`).",
            };
        }

        return null;
    }

    /// <summary>The nearest folder of a path that exists.</summary>
    public static string ExistingPart(string path)
    {
        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } parent)
            path = parent;
        return path;
    }
}
