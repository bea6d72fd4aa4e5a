using System.Globalization;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>The free space for the files of a round, for each file system to which they are written.</summary>
/// <param name="root">The destination.</param>
/// <param name="pathOf">The local path of a name of the wire.</param>
internal sealed class DestinationSpace(string root, Func<string, string> pathOf)
{
    /// <summary>What to do about too little space.</summary>
    public const string Advice = "Free some space, choose another destination, or skip this check (`SkipSpaceCheck`).";

    private readonly Dictionary<ulong, Plan> _needed = [];

    /// <summary>Bytes that this user may still write at the destination; null if the system does not state it.</summary>
    public long? FreeBytes => FileSystem.Current.FreeBytes(ExistingPart(root));

    /// <summary>Bytes that the plan needs beyond the free ones; 0 if it fits.</summary>
    public long MissingBytes => TooSmall(plan => plan.Least).Sum(small => small.Bytes - small.Free);

    /// <summary>Begins a new plan.</summary>
    public void Clear() => _needed.Clear();

    /// <summary>Adds a file to the plan.</summary>
    /// <param name="device">The device of its folder.</param>
    /// <param name="folder">The name of its folder on the wire; it may not exist yet.</param>
    /// <param name="least">Bytes that it takes if it has the holes that the sender says.</param>
    /// <param name="most">Bytes that it takes without holes.</param>
    public void Need(ulong device, string folder, long least, long most)
    {
        Plan before = _needed.TryGetValue(device, out Plan found) ? found : new Plan(pathOf(folder), 0, 0);
        _needed[device] = before with { Least = Sum(before.Least, least), Most = Sum(before.Most, most) };
    }

    /// <summary>Checks whether the plan fits, before the first byte is written.</summary>
    /// <returns>The failure; null if the plan fits.</returns>
    public P2PException? Objection()
    {
        if (TooSmall(plan => plan.Least).FirstOrDefault() is not { Existing: not null } small)
            return null;
        return new P2PException(
            P2PErrorCode.InsufficientSpace,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The transfer needs {small.Bytes:N0} bytes and \"{VisibleText.Name(small.Existing)}\" has {small.Free:N0} free."))
        {
            Hint = Advice,
        };
    }

    /// <summary>Sentences about file systems on which the plan fits only because the sender says that parts of files are holes.</summary>
    public IEnumerable<string> Doubts()
        => TooSmall(plan => plan.Most).Select(small => string.Create(
            CultureInfo.InvariantCulture,
            $"The files have {small.Bytes:N0} bytes and \"{VisibleText.Name(small.Existing)}\" has {small.Free:N0} free: they fit only if they have the holes that the sender says."));

    /// <summary>The nearest folder of a path that exists.</summary>
    public static string ExistingPart(string path)
    {
        while (!IsFolder(path) && Path.GetDirectoryName(path) is { } parent)
            path = parent;
        return path;
    }

    private IEnumerable<(string Existing, long Bytes, long Free)> TooSmall(Func<Plan, long> bytes)
    {
        foreach (Plan plan in _needed.Values)
        {
            string existing = ExistingPart(plan.Folder);
            if (FileSystem.Current.FreeBytes(existing) is { } free && free < bytes(plan))
                yield return (existing, bytes(plan), free);
        }
    }

    private static bool IsFolder(string path) => FileStat.TryRead(path, followLinks: true, out FileStat stat, out _) && stat.Kind == FileStatKind.Folder;

    private static long Sum(long one, long other) => long.MaxValue - one < other ? long.MaxValue : one + other;

    private readonly record struct Plan(string Folder, long Least, long Most);
}
