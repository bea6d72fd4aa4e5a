using System.Globalization;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Tests.Hostile;

/// <summary>A sender with the right code that wants more than the receiver's limits allow, or than its user agreed to.</summary>
public sealed class HostileOfferTests : IDisposable
{
    private static readonly byte[] Megabyte = new byte[1 << 20];
    private static readonly byte[] Small = [1, 2, 3];

    private readonly TransferPair _pair = new();
    private readonly List<TransferOffer> _asked = [];

    [Fact]
    public async Task A_name_that_failed_once_does_not_get_around_the_limits()
    {
        ReceiveOptions limited = _pair.Receive with { MaxFiles = 2, MaxSize = 1 << 20, OnConflict = ConflictPolicy.Rename };
        int good = 0;

        Outcome receiver = await ReceiveAsync(limited, async script =>
        {
            OfferedEntry entry = ScriptedSender.File("f", Megabyte);
            await script.RoundAsync((entry, Megabyte, false));
            for (int i = 0; i < 40; i++)
                good += (await script.RoundAsync((entry, Megabyte, true))).Count(o => o == "good");
            await script.EndAsync();
        });

        Assert.Equal(1, good);
        Assert.Equal(["f"], Written());
        Assert.Equal(1, receiver.Report!.Files.Count(f => f.Status == FileStatus.Copied));
    }

    [Fact]
    public async Task A_second_attempt_that_fails_is_the_last_one()
    {
        string[] third = [];

        Outcome receiver = await ReceiveAsync(_pair.Receive, async script =>
        {
            OfferedEntry entry = ScriptedSender.File("f", Small);
            await script.RoundAsync((entry, Small, false));
            await script.RoundAsync((entry, Small, false));
            third = await script.RoundAsync((entry, Small, true));
            await script.EndAsync();
        });

        Assert.Equal([Answers.Refuse], third);
        Assert.Empty(Written());
        Assert.Equal([P2PErrorCode.FileReadError, P2PErrorCode.NameRefused], receiver.Report!.Files.Select(f => f.Error));
    }

    [Fact]
    public async Task Files_that_fail_count_for_the_limits_because_they_leave_partial_files()
    {
        Outcome receiver = await ReceiveAsync(_pair.Receive with { MaxSize = 3 << 20 }, async script =>
        {
            for (int i = 0; i < 10; i++)
                await script.RoundAsync((ScriptedSender.File($"f{i}", Megabyte), Megabyte, false));
        });

        Assert.Equal(P2PErrorCode.LimitExceeded, receiver.Error);
        Assert.InRange(_pair.PartialLength, 0, 3 << 20);
    }

    [Theory]
    [InlineData("f{0}", "host", false)]
    [InlineData("f", "host{0}", true)]
    public async Task Limits_hold_over_the_sessions_of_a_sender_that_restarts(string name, string host, bool folderPerSender)
    {
        ReceiveOptions receive = _pair.Receive with { MaxSize = 3 << 20, FolderPerSender = folderPerSender };
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(receive, cancellationToken: TestContext.Current.CancellationToken));
        for (int i = 0; i < 4; i++)
        {
            var killable = new KillableConnector(_pair.Relay);
            string file = string.Format(CultureInfo.InvariantCulture, name, i);
            string sender = string.Format(CultureInfo.InvariantCulture, host, i);
            await ScriptedSender.RunAsync(_pair.Send with { Connector = killable, RetryTimeout = TimeSpan.Zero, SenderName = sender }, async script =>
            {
                await script.RoundAsync((ScriptedSender.File(file, Megabyte), Megabyte, true));
                killable.Kill();
                await Task.Delay(Timeout.Infinite, script.CancellationToken);
            });
        }

        Assert.Equal(P2PErrorCode.LimitExceeded, (await receiver).Error);
        Assert.Equal(folderPerSender ? ["host0/f", "host1/f", "host2/f"] : ["f0", "f1", "f2"], Written());
    }

    [Fact]
    public async Task Folders_that_a_name_implies_count_for_MaxFiles()
    {
        Outcome receiver = await ReceiveAsync(
            _pair.Receive with { MaxFiles = 10 },
            async script => await script.RoundAsync((ScriptedSender.File("a/b/c/d/e/f/g/h/i/j/k", Small), Small, true)));

        Assert.Equal(P2PErrorCode.LimitExceeded, receiver.Error);
        Assert.Empty(Written());
    }

    [Fact]
    public async Task Folders_that_names_imply_are_bounded_in_memory()
    {
        string deep = string.Concat(Enumerable.Repeat("d/", 2000));

        Outcome receiver = await ReceiveAsync(
            _pair.Receive with { MostNameCharacters = 1_000_000 },
            async script => await script.RoundAsync((ScriptedSender.File(deep + "f", Small), Small, true)));

        Assert.Equal(P2PErrorCode.LimitExceeded, receiver.Error);
        Assert.Empty(Written());
    }

    [Fact]
    public async Task A_further_round_brings_nothing_that_the_user_did_not_agree_to()
    {
        Directory.CreateDirectory(_pair.Destination);
        File.WriteAllText(Path.Combine(_pair.Destination, ".bashrc"), "own");
        string[] second = [];

        Outcome receiver = await ReceiveAsync(Asking(_ => true), async script =>
        {
            await script.RoundAsync((ScriptedSender.File("holiday.txt", Small), Small, true));
            second = await script.RoundAsync(
                (ScriptedSender.File(".bashrc", Small), Small, true),
                (ScriptedSender.File(".ssh/authorized_keys", Small), Small, true),
                (new OfferedEntry { Name = "link", Kind = 2, LinkTarget = "holiday.txt" }, [], true),
                (new OfferedEntry { Name = "folder", Kind = 1 }, [], true));
            await script.EndAsync();
        });

        Assert.Equal(["holiday.txt"], Assert.Single(_asked).Names);
        Assert.All(second, answer => Assert.Equal(Answers.Refuse, answer));
        Assert.Equal("own", File.ReadAllText(Path.Combine(_pair.Destination, ".bashrc")));
        Assert.Equal([".bashrc", "holiday.txt"], Written());
        Assert.Equal(4, receiver.Report!.Files.Count(f => f.Error == P2PErrorCode.NameRefused));
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, "holiday.txt")]
    public async Task A_file_that_failed_does_not_come_back_as_something_else(int kind, string? target)
    {
        string[] second = [];

        await ReceiveAsync(Asking(_ => true), async script =>
        {
            await script.RoundAsync((ScriptedSender.File("f", Small), Small, false));
            second = await script.RoundAsync((new OfferedEntry { Name = "f", Kind = kind, LinkTarget = target }, [], true));
            await script.EndAsync();
        });

        Assert.Equal([Answers.Refuse], second);
        Assert.Empty(Written());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_failed_and_has_grown_needs_a_new_yes(bool agrees)
    {
        string[] second = [];

        Outcome receiver = await ReceiveAsync(Asking(offer => !offer.IsRepeat || agrees), async script =>
        {
            await script.RoundAsync(
                (ScriptedSender.File("grown", Small), Small, false),
                (ScriptedSender.File("same", Small), Small, false));
            second = await script.RoundAsync(
                (ScriptedSender.File("grown", Megabyte), Megabyte, true),
                (ScriptedSender.File("same", Small), Small, true));
            await script.EndAsync();
        });

        Assert.Equal(2, _asked.Count);
        Assert.Equal((true, (long?)Megabyte.Length), (_asked[1].IsRepeat, _asked[1].TotalBytes));
        Assert.Equal(["grown"], _asked[1].Names);
        Assert.Equal([agrees ? "good" : Answers.Refuse, "good"], second);
        Assert.Equal(agrees ? ["grown", "same"] : ["same"], Written());
        Assert.Equal(agrees, receiver.Report!.Succeeded);
        Assert.Equal(2, receiver.Report.Files.Count);
    }

    [Theory]
    [InlineData("f", 3, 1)]
    [InlineData("f", 2, 1)]
    [InlineData("f", 4, 2)]
    [InlineData(".bashrc", 3, 2)]
    public async Task A_restarted_sender_is_asked_about_only_if_it_offers_something_else(string name, int length, int questions)
    {
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(Asking(_ => true), cancellationToken: TestContext.Current.CancellationToken));
        var killable = new KillableConnector(_pair.Relay);
        await ScriptedSender.RunAsync(_pair.Send with { Connector = killable, RetryTimeout = TimeSpan.FromSeconds(0) }, async script =>
        {
            await script.SayAsync(new OfferPage { Round = 0, Page = 0, Last = true, Entries = [ScriptedSender.File("f", Small)] });
            await script.HearAsync<AnswerPage>();
            killable.Kill();
            await Task.Delay(Timeout.Infinite, script.CancellationToken);
        });
        byte[] content = new byte[length];
        await ScriptedSender.RunAsync(_pair.Send, async script =>
        {
            await script.RoundAsync((ScriptedSender.File(name, content), content, true));
            await script.EndAsync();
        });

        Assert.True((await receiver).Succeeded);
        Assert.Equal(questions, _asked.Count);
    }

    [Fact]
    public async Task A_page_after_the_answers_is_not_taken_and_ends_the_session()
    {
        Outcome receiver = await ReceiveAsync(Asking(_ => true), async script =>
        {
            script.BeforeContent = () => script.SayAsync(
                new OfferPage { Round = 0, Page = 1, Last = true, Entries = [ScriptedSender.File(".bashrc", Small)] }).AsTask();
            await script.RoundAsync((ScriptedSender.File("f", Small), Small, true));
            await Task.Delay(Timeout.Infinite, script.CancellationToken);
        });

        Assert.Equal(P2PErrorCode.ProtocolError, receiver.Error);
        Assert.Empty(Written().Except(["f"])); // whose content comes after the page, and is written or not
    }

    public void Dispose() => _pair.Dispose();

    private ReceiveOptions Asking(Func<TransferOffer, bool> answer) => _pair.Receive with
    {
        ConfirmOffer = (offer, _) =>
        {
            _asked.Add(offer);
            return ValueTask.FromResult(answer(offer));
        },
    };

    private async Task<Outcome> ReceiveAsync(ReceiveOptions receive, Func<Script, Task> play)
    {
        Task<Outcome> sender = ScriptedSender.RunAsync(_pair.Send, play);
        Outcome receiver = await Outcome.OfAsync(P2PTransfer.ReceiveAsync(receive, cancellationToken: TestContext.Current.CancellationToken));
        await sender;
        return receiver;
    }

    private IEnumerable<string> Written() => !Directory.Exists(_pair.Destination)
        ? []
        : Directory.EnumerateFiles(_pair.Destination, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(p => Path.GetRelativePath(_pair.Destination, p).Replace('\\', '/'))
            .Where(p => !p.EndsWith(".p2ppart", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
}
