using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>Tests with a destination, and entries for it.</summary>
public abstract class DestinationTests : IDisposable
{
    private protected static readonly DateTime Time = new(2020, 5, 5, 5, 5, 5, DateTimeKind.Utc);

    private protected TemporaryFolder Root { get; } = new();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Root.Dispose();
    }

    private protected static ManifestEntry Entry(string name, long length) => new(name, EntryKind.File, length, Time, 0x1A4);

    private protected static ManifestEntry Folder(string name) => new(name, EntryKind.Folder, 0, Time, 0x1ED);

    private protected static CommitResult Write(DestinationTree tree, ManifestEntry entry, string content)
    {
        using IncomingFile file = tree.OpenIncoming(entry, resume: false);
        file.Write(0, System.Text.Encoding.UTF8.GetBytes(content));
        return file.Commit(entry, content.Length);
    }

    private protected DestinationTree Tree(ConflictPolicy policy = ConflictPolicy.Update)
        => new(Root.FullPath, new DestinationOptions { OnConflict = policy });
}
