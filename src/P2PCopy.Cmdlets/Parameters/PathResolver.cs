using System.Management.Automation;

namespace P2PCopy.Cmdlets;

/// <summary>Converts paths of PowerShell to full names of the file system.</summary>
internal sealed class PathResolver(PSCmdlet cmdlet)
{
    private const string FileSystemProvider = "Microsoft.PowerShell.Commands.FileSystemProvider";
    private const string FileSystemPrefix = @"Microsoft.PowerShell.Core\FileSystem::";

    /// <summary>Existing items for a path that may contain wildcards.</summary>
    public void AddWildcard(string path, List<string> found)
    {
        if (path.StartsWith(EscapePathsAttribute.NoPath, StringComparison.Ordinal))
        {
            NoFile(path[EscapePathsAttribute.NoPath.Length..]);
            return;
        }

        // Wildcards cost about a millisecond per path in PowerShell, and most paths have none.
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

        // A link without a target can still be sent as a link.
        if (Path.Exists(full) || new FileInfo(full).LinkTarget is not null)
            found.Add(full);
        else
            NotFound(path, null);
    }

    /// <summary>
    /// The full name for the path of an option; null without a path. A path that is in no file system ends the command, because
    /// without the option a relay could have no tokens, or a client no authority.
    /// </summary>
    public string? Option(string? path, string parameter)
    {
        if (path is null)
            return null;

        try
        {
            string full = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            if (provider.ImplementingType.FullName == FileSystemProvider)
                return full;

            End(new ArgumentException($"{parameter}: '{path}' is in the provider {provider.Name}; a path of the file system is required."), "PathNotFileSystem", ErrorCategory.InvalidArgument, path);
        }
        catch (Exception e) when (e is SessionStateException or ProviderInvocationException or NotSupportedException or ArgumentException or PSInvalidOperationException)
        {
            End(new ArgumentException($"{parameter}: '{path}' is not a path: {e.Message}", e), "PathNotFound", ErrorCategory.ObjectNotFound, path);
        }

        return null;
    }

    /// <summary>The full name for the literal path of an item to send; null, with an error, if it is in no file system.</summary>
    private string? Literal(string path)
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
    /// An existing item whose path PowerShell does not need to resolve. Its own way takes 40 µs per path, which would be most of the
    /// time of a pipeline of files. Outside Windows a backslash or two colons stay part of the name.
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

    private void End(Exception exception, string id, ErrorCategory category, string path)
        => cmdlet.ThrowTerminatingError(new ErrorRecord(exception, id, category, path));

    private void NoFile(string type)
        => cmdlet.WriteError(new ErrorRecord(
            new ArgumentException($"An object of the type {type} is not a file. To send its content as one file, use -Name with the name of that file."),
            "PathNotFileSystem", ErrorCategory.InvalidType, type));

    private void NotFound(string path, Exception? inner)
        => cmdlet.WriteError(new ErrorRecord(
            new ItemNotFoundException($"'{path}' was not found. Check its spelling, or use -LiteralPath if it contains wildcard characters.", inner),
            "PathNotFound", ErrorCategory.ObjectNotFound, path));
}
