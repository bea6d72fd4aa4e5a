using System.Management.Automation;

namespace P2PCopy.Cmdlets;

/// <summary>Turns what people give as paths into full names of this file system, with an error for each that is none.</summary>
internal sealed class PathResolver(PSCmdlet cmdlet)
{
    private const string FileSystemProvider = "Microsoft.PowerShell.Commands.FileSystemProvider";
    private const string FileSystemPrefix = @"Microsoft.PowerShell.Core\FileSystem::";

    /// <summary>Existing items for a path that may hold wildcards.</summary>
    public void AddWildcard(string path, List<string> found)
    {
        // The provider's globbing costs about a millisecond a path: most paths have nothing to expand.
        if (!WildcardPattern.ContainsWildcardCharacters(path))
        {
            AddLiteral(WildcardPattern.Unescape(path), found);
            return;
        }

        try
        {
            IEnumerable<string> resolved = cmdlet.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
            if (!IsFileSystem(provider, path))
                return;

            int before = found.Count;
            found.AddRange(resolved);
            if (found.Count == before)
                NotFound(path, null);
        }
        catch (Exception e) when (e is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            NotFound(path, e);
        }
    }

    /// <summary>An existing item, by its literal path.</summary>
    public void AddLiteral(string path, List<string> found)
    {
        if (Direct(path) is { } direct)
        {
            found.Add(direct);
            return;
        }

        if (Literal(path) is not { } full)
            return;

        // A link that leads nowhere is still there to be sent as a link.
        if (Path.Exists(full) || new FileInfo(full).LinkTarget is not null)
            found.Add(full);
        else
            NotFound(path, null);
    }

    /// <summary>The full name for a literal path, whether or not something is there; null when it is in no file system.</summary>
    public string? Literal(string path)
    {
        try
        {
            string full = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return IsFileSystem(provider, path) ? full : null;
        }
        catch (Exception e) when (e is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            NotFound(path, e);
            return null;
        }
    }

    /// <summary>
    /// An existing item whose path needs no resolving: PowerShell's own way costs 40 µs a path, which is what a pipeline of
    /// files spends most on. It also keeps a backslash or two colons in a name what they are outside Windows.
    /// </summary>
    private static string? Direct(string path)
    {
        string? rooted = path.StartsWith(FileSystemPrefix, StringComparison.Ordinal) ? path[FileSystemPrefix.Length..]
            : !OperatingSystem.IsWindows() && path.StartsWith('/') ? path
            : null;
        if (rooted is null || !Path.IsPathFullyQualified(rooted))
            return null;

        string full = Path.GetFullPath(rooted);
        return Path.Exists(full) ? full : null;
    }

    private bool IsFileSystem(ProviderInfo provider, string path)
    {
        if (provider.ImplementingType.FullName == FileSystemProvider)
            return true;

        cmdlet.WriteError(new ErrorRecord(
            new ArgumentException($"'{path}' is in the provider {provider.Name}. Only files and folders can be copied."),
            "PathNotFileSystem", ErrorCategory.InvalidArgument, path));
        return false;
    }

    private void NotFound(string path, Exception? inner)
        => cmdlet.WriteError(new ErrorRecord(
            new ItemNotFoundException($"'{path}' was not found. Check its spelling, or use -LiteralPath if it contains wildcard characters.", inner),
            "PathNotFound", ErrorCategory.ObjectNotFound, path));
}
