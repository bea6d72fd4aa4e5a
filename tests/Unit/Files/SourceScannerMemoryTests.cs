using P2PCopy.Files.Source;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Files;

[Collection(nameof(AloneCollection))]
public sealed class SourceScannerMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_entry_costs_less_than_400_bytes()
    {
        const int folders = 20, files = 500;
        for (int i = 0; i < folders; i++)
        {
            string folder = _folder.Folder($"tree/some-folder-{i:d4}");
            for (int j = 0; j < files; j++)
                File.Create(Path.Combine(folder, $"a-usual-file-name-{j:d6}.dat")).Dispose();
        }

        SourceScanner.Scan(new SourceSelection { Paths = [_folder["tree/some-folder-0000"]] }, default);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        SourceTree tree = SourceScanner.Scan(new SourceSelection { Paths = [_folder["tree"]] }, default);
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / tree.Entries.Count;
        Assert.Equal((folders * (files + 1)) + 1, tree.Entries.Count);
        Assert.True(each < 400, $"{each} bytes"); // what an earlier test left may go meanwhile, so there is no least number
        GC.KeepAlive(tree);
    }
}
