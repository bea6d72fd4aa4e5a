using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>The outcome of a walk to a folder.</summary>
internal enum WalkResult
{
    Opened,
    Missing,
    LeadsOut,
    LeadsToNoFolder,
    NotAFolder,
    Failed,
}

/// <summary>
/// Opens a folder beneath another, name by name and by handles. A link on the way is followed only as far as it stays
/// beneath: its target is walked in the same way, and <c>..</c> goes back to a handle that is already open.
/// </summary>
internal static class FolderWalk
{
    private const int MaxLinks = 40;

    /// <summary>Opens a folder.</summary>
    /// <param name="root">The folder that the walk cannot leave.</param>
    /// <param name="rootPath">Its path.</param>
    /// <param name="relative">Names with <c>/</c> between them; empty for the root itself.</param>
    /// <param name="followLinks">False refuses every link.</param>
    /// <param name="opened">The folder; the caller disposes it.</param>
    /// <param name="throughLink">A part of the path is a link.</param>
    /// <param name="error">The system's error for <see cref="WalkResult.Failed"/>.</param>
    public static WalkResult TryOpen(
        FolderHandle root, string rootPath, string relative, bool followLinks, out FolderHandle? opened, out bool throughLink, out int error)
    {
        opened = root.OpenFolder(relative.Length == 0 ? "." : relative, out error);
        throughLink = error == FileErrors.IsLink;
        if (!throughLink || !followLinks)
            return opened is not null ? WalkResult.Opened : throughLink ? WalkResult.LeadsOut : Of(error);
        return Follow(root, rootPath, relative, out opened, out error);
    }

    private static WalkResult Follow(FolderHandle root, string rootPath, string relative, out FolderHandle? opened, out int error)
    {
        string? realRoot = RealPath.Of(rootPath);
        var open = new Stack<FolderHandle>();
        var rest = new Stack<(string Part, bool IsFromLink)>(Parts(relative).Select(part => (part, false)));
        opened = null;
        error = 0;
        int links = 0;
        try
        {
            while (rest.TryPop(out (string Part, bool IsFromLink) next))
            {
                if (next.Part == "..")
                {
                    if (!open.TryPop(out FolderHandle? left))
                        return WalkResult.LeadsOut;
                    left.Dispose();
                    continue;
                }

                FolderHandle at = open.TryPeek(out FolderHandle? top) ? top : root;
                if (at.OpenFolder(next.Part, out error) is { } child)
                {
                    open.Push(child);
                    continue;
                }

                if (error != FileErrors.IsLink)
                    return next.IsFromLink && Of(error) != WalkResult.Failed ? WalkResult.LeadsToNoFolder : Of(error);
                if (++links > MaxLinks || at.ReadLink(next.Part) is not { } target)
                    return WalkResult.LeadsOut;
                if (Path.IsPathRooted(target))
                {
                    if (realRoot is null || RealPath.Of(target) is not { } real || !RealPath.IsWithin(real, realRoot))
                        return WalkResult.LeadsOut;
                    target = real[realRoot.Length..];
                    foreach (FolderHandle handle in open)
                        handle.Dispose();
                    open.Clear();
                }

                foreach (string part in Parts(target))
                    rest.Push((part, true));
            }

            opened = open.TryPop(out FolderHandle? last) ? last : root.OpenFolder(".", out error);
            return opened is null ? Of(error) : WalkResult.Opened;
        }
        finally
        {
            foreach (FolderHandle handle in open)
                handle.Dispose();
        }
    }

    private static WalkResult Of(int error) => error switch
    {
        FileErrors.NoSuchFile => WalkResult.Missing,
        FileErrors.NotAFolder => WalkResult.NotAFolder,
        _ => WalkResult.Failed,
    };

    // Last part first, as a stack is filled.
    private static IEnumerable<string> Parts(string path)
        => path.Split(['/', Path.DirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").Reverse();
}
