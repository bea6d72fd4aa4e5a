using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>A sender that is restarted within one run of the receiver finds its own files there, and not files of others.</summary>
public sealed class RestartedSenderTests : IDisposable
{
    private readonly TransferPair _pair = new();

    public static TheoryData<ConflictPolicy> Policies => [.. Enum.GetValues<ConflictPolicy>()];

    private string Target => Path.Combine(_pair.Destination, "source");

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Under_every_policy_the_run_ends_with_each_file_once(ConflictPolicy policy)
    {
        MakeSource();

        (Outcome sender, Outcome receiver) = await RunAsync(policy, () => { });

        Assert.True(sender.Succeeded, Problems(sender));
        Assert.True(receiver.Succeeded, Problems(receiver));
        Assert.Equal(["f0", "f1", "f2", "f3"], Names());
        Assert.All(Names(), name => Assert.Equal(File.ReadAllBytes(Path.Combine(_pair.Source, name)), File.ReadAllBytes(Path.Combine(Target, name))));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task A_file_that_changed_at_the_source_replaces_the_copy_of_this_run(ConflictPolicy policy)
    {
        MakeSource();
        byte[] changed = [9, 9, 9];

        (Outcome sender, Outcome receiver) = await RunAsync(policy, () => File.WriteAllBytes(Path.Combine(_pair.Source, "f0"), changed));

        Assert.True(sender.Succeeded, Problems(sender));
        Assert.True(receiver.Succeeded, Problems(receiver));
        Assert.Equal(["f0", "f1", "f2", "f3"], Names());
        Assert.Equal(changed, File.ReadAllBytes(Path.Combine(Target, "f0")));
    }

    [Theory]
    [InlineData(ConflictPolicy.Fail)]
    [InlineData(ConflictPolicy.Rename)]
    [InlineData(ConflictPolicy.Skip)]
    public async Task A_copy_that_another_program_changed_is_protected_again(ConflictPolicy policy)
    {
        MakeSource();

        (_, Outcome receiver) = await RunAsync(policy, () => File.WriteAllText(Path.Combine(Target, "f0"), "of another program"));

        Assert.Equal("of another program", File.ReadAllText(Path.Combine(Target, "f0")));
        Assert.Equal(policy == ConflictPolicy.Fail, receiver.Report!.Files.Any(f => f.Error == P2PErrorCode.DestinationExists));
        Assert.Equal(policy == ConflictPolicy.Rename, File.Exists(Path.Combine(Target, "f0 (1)")));
    }

    [Fact]
    public async Task A_renamed_copy_is_found_under_its_own_name()
    {
        MakeSource();
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "f0"), "older");

        (Outcome sender, Outcome receiver) = await RunAsync(ConflictPolicy.Rename, () => { });

        Assert.True(sender.Succeeded && receiver.Succeeded);
        Assert.Equal(["f0", "f0 (1)", "f1", "f2", "f3"], Names());
        Assert.Equal("older", File.ReadAllText(Path.Combine(Target, "f0")));
        Assert.Equal(Path.Combine(Target, "f0 (1)"), receiver.Report!.Files.Single(f => f.Name == "source/f0").FullName);
    }

    public void Dispose() => _pair.Dispose();

    private static string Problems(Outcome outcome)
        => outcome.Exception?.ToString() ?? string.Join('\n', outcome.Report!.Files.Where(f => f.Error is not null).Select(f => $"{f.Name}: {f.Message}").Append(outcome.Report.Error?.ToString()));

    private IEnumerable<string> Names()
        => Directory.EnumerateFiles(Target, "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal);

    private void MakeSource()
    {
        for (int i = 0; i < 4; i++)
        {
            byte[] content = new byte[1 << 20];
            new Random(i).NextBytes(content);
            File.SetLastWriteTimeUtc(_pair.Write($"source/f{i}", content), DateTime.UtcNow.AddDays(-1));
        }
    }

    /// <summary>Kills the sender as soon as the first file is there, and starts another one.</summary>
    private async Task<(Outcome Sender, Outcome Receiver)> RunAsync(ConflictPolicy policy, Action between)
    {
        var copied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ReceiveOptions receive = _pair.Receive with
        {
            OnConflict = policy,
            ResolveConflict = policy == ConflictPolicy.Ask ? (_, _) => ValueTask.FromResult(ConflictAnswer.Replace) : null,
            OnEvent = e =>
            {
                if (e is TransferEvent.FileCompleted { File: { Kind: FileReportKind.File, Status: FileStatus.Copied } })
                    copied.TrySetResult();
            },
        };
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(receive, cancellationToken: TestContext.Current.CancellationToken));
        var killable = new KillableConnector(_pair.Relay);
        using var gone = new CancellationTokenSource();
        Task<Outcome> killed = Outcome.OfAsync(P2PTransfer.SendAsync(
            _pair.Send with { Connector = killable, BandwidthLimit = 2 << 20, ChunkSize = 512 << 10, Compression = PayloadCompression.Off }, null, gone.Token));
        await copied.Task.WaitAsync(TestContext.Current.CancellationToken);
        killable.Kill();
        between();

        Outcome sender = await Outcome.OfAsync(P2PTransfer.SendAsync(_pair.Send, cancellationToken: TestContext.Current.CancellationToken));
        await gone.CancelAsync();
        await killed;
        return (sender, await receiver);
    }
}
