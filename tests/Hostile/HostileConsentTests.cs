using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Tests.Hostile;

/// <summary>A sender that shows its user one plan and then, in a further round or after a restart, does something else under the same names.</summary>
public sealed class HostileConsentTests : IDisposable
{
    private const int Plain = 0x1A4; // 0644
    private const int Executable = 0x1ED; // 0755

    private static readonly byte[] Small = [1, 2, 3];
    private static readonly DateTime Agreed = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly TransferPair _pair = new();
    private readonly List<TransferOffer> _asked = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_comes_back_executable_needs_a_new_yes(bool agrees)
    {
        string[] second = [];
        await ReceiveAsync(
            _pair.Receive with { ConfirmOffer = Ask(offer => !offer.IsRepeat || agrees) },
            async script =>
            {
                await script.RoundAsync((File("f") with { Mode = Plain }, Small, false), (File("g") with { Mode = Executable }, Small, false));
                second = await script.RoundAsync((File("f") with { Mode = Executable }, Small, true), (File("g") with { Mode = Plain }, Small, true));
                await script.EndAsync();
            });

        Assert.Equal([1L, 1L], _asked.Select(offer => offer.Plan!.ExecutableFiles));
        Assert.Equal(["f"], _asked[1].Names);
        Assert.Equal([agrees ? "good" : Answers.Refuse, "good"], second);
    }

    /// <summary>The plan said that the file here stays. Another time or a smaller size makes the receiver replace it.</summary>
    [Theory]
    [InlineData(ConflictPolicy.Update, 0, 3, 1)]
    [InlineData(ConflictPolicy.Update, 1, 3, 2)]
    [InlineData(ConflictPolicy.Update, -1, 3, 2)]
    [InlineData(ConflictPolicy.Update, 0, 2, 2)]
    [InlineData(ConflictPolicy.Newer, 0, 3, 1)]
    [InlineData(ConflictPolicy.Newer, 1, 3, 2)]
    public async Task A_restarted_sender_does_not_replace_what_the_plan_left(ConflictPolicy policy, int days, int length, int questions)
    {
        string here = Here("f", Agreed);
        OfferedEntry entry = File("f") with { Modified = Ticks(Agreed) };

        await RestartAsync(policy, entry, entry with { Modified = Ticks(Agreed.AddDays(days)), Length = length });

        Assert.Equal(0, _asked[0].Plan!.ReplacedFiles);
        Assert.Equal(questions, _asked.Count);
        Assert.Equal(questions == 1 ? "own" : "\u0001\u0002\u0003"[..length], await System.IO.File.ReadAllTextAsync(here, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)] // changed at the sender since
    [InlineData(-2, 2)]
    public async Task A_restarted_sender_does_not_replace_a_newer_file_where_the_plan_named_an_older_one(int days, int questions)
    {
        Here("f", Agreed.AddDays(-1));
        OfferedEntry entry = File("f") with { Modified = Ticks(Agreed) };

        await RestartAsync(ConflictPolicy.Update, entry, entry with { Modified = Ticks(Agreed.AddDays(days)) });

        Assert.Equal((1L, 0L), (_asked[0].Plan!.ReplacedFiles, _asked[0].Plan!.NewerHere));
        Assert.Equal(questions, _asked.Count);
    }

    [Fact]
    public async Task The_plan_counts_links_and_what_lies_behind_links()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Makes links.");
        Directory.CreateDirectory(Path.Combine(_pair.Destination, ".ssh"));
        System.IO.File.CreateSymbolicLink(Path.Combine(_pair.Destination, "photos"), ".ssh");

        await ReceiveAsync(_pair.Receive with { ConfirmOffer = Ask(_ => false) }, async script =>
        {
            await script.SayAsync(new OfferPage
            {
                Round = 0,
                Page = 0,
                Last = true,
                Entries =
                [
                    File("photos/authorized_keys"), File("photos/2024/a"), File("plain/a"), new OfferedEntry { Name = "link", Kind = 2, LinkTarget = "plain" },
                ],
            });
            await script.HearAsync<ByeMessage>();
        });

        TransferPlan plan = Assert.Single(_asked).Plan!;
        Assert.Equal((4, 1, 2, 0), (plan.NewFiles, plan.Links, plan.FilesThroughLinks, plan.HiddenFiles));
        Assert.False(plan.IsPlain);
    }

    [Theory]
    [InlineData(true, Executable, 0)]
    [InlineData(true, 0x1FF, 1)]
    [InlineData(false, 0x1FF, 0)]
    public async Task The_plan_counts_folders_that_get_other_permissions(bool preserves, int mode, int changed)
    {
        if (OperatingSystem.IsWindows())
            return; // it has no modes
        string folder = Directory.CreateDirectory(Path.Combine(_pair.Destination, "own")).FullName;
        System.IO.File.SetUnixFileMode(folder, (UnixFileMode)Executable);

        await ReceiveAsync(_pair.Receive with { PreserveMode = preserves, ConfirmOffer = Ask(_ => true) }, async script =>
        {
            await script.RoundAsync((new OfferedEntry { Name = "own", Kind = 1, Mode = mode }, [], true), (File("own/f"), Small, true));
            await script.EndAsync();
        });

        TransferPlan plan = Assert.Single(_asked).Plan!;
        Assert.Equal((changed, changed == 0), (plan.ChangedFolders, plan.IsPlain));
        Assert.Equal(preserves ? mode : Executable, (int)System.IO.File.GetUnixFileMode(folder));
    }

    public void Dispose() => _pair.Dispose();

    private static OfferedEntry File(string name) => ScriptedSender.File(name, Small);

    private static long Ticks(DateTime time) => (time - DateTime.UnixEpoch).Ticks;

    private string Here(string name, DateTime time)
    {
        string path = Path.Combine(Directory.CreateDirectory(_pair.Destination).FullName, name);
        System.IO.File.WriteAllText(path, "own");
        System.IO.File.SetLastWriteTimeUtc(path, time);
        return path;
    }

    private Func<TransferOffer, CancellationToken, ValueTask<bool>> Ask(Func<TransferOffer, bool> answer) => (offer, _) =>
    {
        _asked.Add(offer);
        return ValueTask.FromResult(answer(offer));
    };

    /// <summary>A sender that ends when its first offer is answered, and another one.</summary>
    private async Task RestartAsync(ConflictPolicy policy, OfferedEntry first, OfferedEntry second)
    {
        ReceiveOptions receive = _pair.Receive with { OnConflict = policy, WholeFile = true, ConfirmOffer = Ask(_ => true) };
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(receive, cancellationToken: TestContext.Current.CancellationToken));
        var killable = new KillableConnector(_pair.Relay);
        await ScriptedSender.RunAsync(_pair.Send with { Connector = killable, RetryTimeout = TimeSpan.Zero }, async script =>
        {
            await script.SayAsync(new OfferPage { Round = 0, Page = 0, Last = true, Entries = [first] });
            await script.HearAsync<AnswerPage>();
            killable.Kill();
            await Task.Delay(Timeout.Infinite, script.CancellationToken);
        });
        await ScriptedSender.RunAsync(_pair.Send, async script =>
        {
            await script.RoundAsync((second, Small[..(int)second.Length], true));
            await script.EndAsync();
        });

        Assert.True((await receiver).Succeeded);
    }

    private async Task ReceiveAsync(ReceiveOptions receive, Func<Script, Task> play)
    {
        Task<Outcome> sender = ScriptedSender.RunAsync(_pair.Send, play);
        await Outcome.OfAsync(P2PTransfer.ReceiveAsync(receive, cancellationToken: TestContext.Current.CancellationToken));
        await sender;
    }
}
