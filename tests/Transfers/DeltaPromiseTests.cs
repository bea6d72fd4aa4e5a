using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>
/// The bytes that are sent for content that the receiver already has, in both directions and with every overhead. The large versions are explicit:
/// <c>-class P2PCopy.Tests.Transfers.DeltaPromiseTests -explicit only</c> (they take some GiB of disk).
/// </summary>
public sealed class DeltaPromiseTests(ITestOutputHelper output) : IDisposable
{
    private readonly TransferPair _pair = new();

    private string Arrived => Path.Combine(_pair.Destination, "source", "big.bin");

    [Fact]
    public Task A_megabyte_overwritten_in_the_middle_costs_little_more_than_itself() => OverwriteAsync(48);

    [Fact]
    public Task A_kilobyte_inserted_at_the_front_costs_less_than_a_hundredth() => InsertAsync(48);

    [Fact]
    public Task An_unchanged_tree_costs_a_few_bytes_a_file_and_opens_none() => UnchangedAsync(500);

    [Fact(Explicit = true)]
    public Task A_megabyte_overwritten_in_a_gibibyte_costs_less_than_three() => OverwriteAsync(1024);

    [Fact(Explicit = true)]
    public Task A_kilobyte_inserted_at_the_front_of_a_gibibyte_costs_less_than_a_hundredth() => InsertAsync(1024);

    [Fact(Explicit = true)]
    public Task An_unchanged_tree_of_ten_thousand_files_costs_less_than_two_mebibytes() => UnchangedAsync(10_000);

    public void Dispose() => _pair.Dispose();

    private async Task OverwriteAsync(int megabytes)
    {
        string path = await CopyAsync(megabytes);
        using (FileStream file = File.OpenWrite(path))
        {
            file.Position = file.Length / 2;
            Fill(file, 1 << 20, seed: 5);
        }

        long travelled = await UpdateAsync(path);

        output.WriteLine($"{megabytes} MiB with 1 MiB overwritten: {travelled:N0} bytes travel.");
        Assert.InRange(travelled, 1 << 20, 3 << 20);
    }

    private async Task InsertAsync(int megabytes)
    {
        string path = await CopyAsync(megabytes);
        string longer = path + ".longer";
        using (FileStream file = File.Create(longer))
        {
            Fill(file, 1024, seed: 6);
            using FileStream old = File.OpenRead(path);
            await old.CopyToAsync(file, TestContext.Current.CancellationToken);
        }

        File.Move(longer, path, overwrite: true);
        long travelled = await UpdateAsync(path);

        output.WriteLine($"{megabytes} MiB with 1 KiB inserted at the front: {travelled:N0} bytes travel.");
        Assert.InRange(travelled, 1024, (long)megabytes * (1 << 20) / 100);
    }

    private async Task UnchangedAsync(int files)
    {
        for (int i = 0; i < files; i++)
            _pair.Write($"source/{i % 100}/a file with a name of some length {i}.dat", [(byte)i]);
        (Outcome sender, _) = await _pair.RunAsync();
        Assert.True(sender.Succeeded);
        string control = _pair.Write("control", [1]);
        List<string> all = [.. Directory.GetFiles(_pair.Destination, "*", SearchOption.AllDirectories), .. Directory.GetFiles(_pair.Source, "*", SearchOption.AllDirectories)];
        var before = new DateTime(2019, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        foreach (string path in all.Append(control))
            File.SetLastAccessTimeUtc(path, before);
        File.ReadAllBytes(control);
        bool readingShows = File.GetLastAccessTimeUtc(control) != before;

        (sender, Outcome receiver) = await _pair.RunAsync();

        output.WriteLine($"{files:N0} files unchanged: {sender.Report!.BytesTransferred:N0} bytes travel.");
        Assert.All(receiver.Report!.Files, f => Assert.Equal(FileStatus.Unchanged, f.Status));
        Assert.InRange(sender.Report.BytesTransferred, 1, (2L << 20) * files / 10_000);
        if (readingShows)
            Assert.All(all, path => Assert.Equal(before, File.GetLastAccessTimeUtc(path)));
    }

    private async Task<string> CopyAsync(int megabytes)
    {
        string path = _pair.Write("source/big.bin", []);
        using (FileStream file = File.OpenWrite(path))
            Fill(file, (long)megabytes << 20, seed: megabytes);
        (Outcome sender, _) = await _pair.RunAsync();
        Assert.True(sender.Succeeded, sender.Exception?.ToString());
        return path;
    }

    private async Task<long> UpdateAsync(string path)
    {
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(1));
        (Outcome sender, Outcome receiver) = await _pair.RunAsync();
        Assert.True(sender.Succeeded && receiver.Succeeded, sender.Exception?.ToString());
        using FileStream source = File.OpenRead(path);
        using FileStream arrived = File.OpenRead(Arrived);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(source), System.Security.Cryptography.SHA256.HashData(arrived));
        return sender.Report!.BytesTransferred;
    }

    private static void Fill(FileStream file, long length, int seed)
    {
        var random = new Random(seed);
        byte[] buffer = new byte[1 << 20];
        for (long done = 0; done < length; done += buffer.Length)
        {
            random.NextBytes(buffer);
            file.Write(buffer, 0, (int)Math.Min(buffer.Length, length - done));
        }
    }
}
