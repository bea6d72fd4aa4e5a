using System.IO.Enumeration;

namespace P2PCopy.Files.Platform;

/// <summary>Lists the names in a folder, hidden and special ones too.</summary>
internal static class FolderListing
{
    private static readonly EnumerationOptions EveryName = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        MatchType = MatchType.Simple,
        RecurseSubdirectories = false,
        ReturnSpecialDirectories = false,
    };

    /// <summary>The names, in no order.</summary>
    public static string[] Names(string path)
        => [.. new FileSystemEnumerable<string>(path, (ref FileSystemEntry entry) => entry.FileName.ToString(), EveryName)];
}
