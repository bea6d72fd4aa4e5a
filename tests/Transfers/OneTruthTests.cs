using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Transfers;

/// <summary>Both reports say the same of every entry, and what they say is true, whatever else happens at the destination.</summary>
public sealed class OneTruthTests
{
    private const int Moments = 12;

    public static TheoryData<ConflictPolicy> Policies => [.. Enum.GetValues<ConflictPolicy>()];

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task A_file_that_appears_at_any_moment_is_told_alike_on_both_sides(ConflictPolicy policy)
    {
        HashSet<FileStatus> statuses = [];
        for (int moment = 0; moment < Moments; moment++)
        {
            using var pair = new TransferPair();
            byte[] content = new byte[300_000];
            new Random(moment).NextBytes(content);
            pair.Write("source/file", content);
            pair.Write("source/small", [1, 2, 3]);
            if (!OperatingSystem.IsWindows())
                File.CreateSymbolicLink(Path.Combine(pair.Source, "link"), "file");
            int messages = 0;
            pair.Relay.OnMessage = message =>
            {
                if (message.From == PeerRole.Send && messages++ == moment)
                {
                    foreach (string name in new[] { "file", "small", "link" })
                        Appear(Path.Combine(pair.Destination, "source", name));
                }

                return [message.Bytes];
            };

            (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
                pair.Send with { Links = P2PCopy.LinkPolicy.Preserve }, pair.Receive with
                {
                    OnConflict = policy,
                    ResolveConflict = policy == ConflictPolicy.Ask ? (_, _) => ValueTask.FromResult(ConflictAnswer.Replace) : null,
                });

            Assert.Equal(Told(receiver), Told(sender));
            foreach (FileReport file in receiver.Report!.Files.Where(f => f.Kind == FileReportKind.File))
            {
                statuses.Add(file.Status);
                byte[] source = File.ReadAllBytes(Path.Combine(pair.Folder.FullPath, file.Name));
                if (file.Status is FileStatus.Copied or FileStatus.Unchanged)
                    Assert.Equal(source, File.ReadAllBytes(file.FullName!));
                else
                    Assert.Equal("other", File.ReadAllText(Path.Combine(pair.Destination, file.Name)));
            }
        }

        Assert.Contains(FileStatus.Copied, statuses);
        if (policy is ConflictPolicy.Skip)
            Assert.Contains(FileStatus.Skipped, statuses);
    }

    [Fact]
    public async Task A_newer_file_that_appears_during_the_transfer_is_kept_under_Newer()
    {
        using var pair = new TransferPair();
        pair.Write("source/file", new byte[300_000]);
        string target = Path.Combine(pair.Destination, "source", "file");
        pair.Relay.OnMessage = message =>
        {
            if (message.Bytes.Length > 1000 && message.From == PeerRole.Send && !File.Exists(target))
            {
                Appear(target);
                File.SetLastWriteTimeUtc(target, DateTime.UtcNow.AddDays(1));
            }

            return [message.Bytes];
        };

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            pair.Send with { Compression = PayloadCompression.Off }, pair.Receive with { OnConflict = ConflictPolicy.Newer });

        Assert.Equal("other", File.ReadAllText(target));
        Assert.All([sender, receiver], o => Assert.Equal((FileStatus.Skipped, default(string)), (o.Report!.Files[1].Status, o.Report.Files[1].Hash)));
    }

    [Fact]
    public async Task What_the_sender_cannot_read_fails_on_both_sides()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Names are bytes on Linux only.");
        using var pair = new TransferPair();
        pair.Write("source/good", [1]);
        Shell.Run("sh", "-c", $"touch \"$(printf '{pair.Source}/bad\\377')\"");

        (Outcome sender, Outcome receiver) = await pair.RunAsync();

        foreach (Outcome outcome in new[] { sender, receiver })
        {
            Assert.False(outcome.Succeeded);
            FileReport failed = Assert.Single(outcome.Report!.Files, f => f.Error is not null);
            Assert.Equal((FileStatus.Failed, P2PErrorCode.FileReadError), (failed.Status, failed.Error));
            Assert.StartsWith("source/bad", failed.Name, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(pair.Source, receiver.Report!.Files.Single(f => f.Error is not null).Message!, StringComparison.Ordinal);
        Assert.Contains(receiver.Report.Files, f => f is { Name: "source/good", Status: FileStatus.Copied });
    }

    private static IEnumerable<(string, FileStatus, P2PErrorCode?, string?)> Told(Outcome outcome)
        => outcome.Report!.Files.Select(f => (f.Name, f.Status, f.Error, f.Hash)).Order();

    private static void Appear(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!Path.Exists(path))
            File.WriteAllText(path, "other");
    }
}
