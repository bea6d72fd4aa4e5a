using P2PCopy.Session.Direct;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Tests.Hostile;

/// <summary>Pages of every type out of order, twice, too early, for another round or entry, and of the other role: each ends the session and writes nothing.</summary>
public sealed class HostilePageTests : IDisposable
{
    private static readonly byte[] Small = [1, 2, 3];

    private readonly TransferPair _pair = new();

    public static TheoryData<string> Cases => [.. Scripts.Keys];

    private static Dictionary<string, Func<Script, Task>> Scripts { get; } = new()
    {
        ["offer of the next round"] = script => script.SayAsync(Offer(round: 1)).AsTask(),
        ["offer of another page"] = script => script.SayAsync(Offer(page: 1)).AsTask(),
        ["the same page twice"] = async script =>
        {
            await script.SayAsync(Offer(isLast: false));
            await script.SayAsync(Offer(isLast: false));
        },
        ["an offer after the last page"] = async script =>
        {
            await script.SayAsync(Offer());
            await script.SayAsync(Offer(page: 1));
        },
        ["the next round before the results"] = async script =>
        {
            await script.SayAsync(Offer());
            await script.SayAsync(Offer(round: 1));
        },
        ["names that could not be read in a further round"] = async script =>
        {
            await script.RoundAsync();
            await script.SayAsync(new OfferPage { Round = 1, Page = 0, Last = true, Entries = [], Unread = ["x"] });
        },
        ["blocks without an offer"] = script => script.SayAsync(Blocks()).AsTask(),
        ["blocks of a file that is wanted whole"] = async script =>
        {
            await script.SayAsync(Offer());
            await script.SayAsync(Blocks());
        },
        ["end in the middle of a round"] = async script =>
        {
            await script.SayAsync(Offer());
            await script.SayAsync(new EndMessage { Confirmed = 0 });
        },
        ["end with entries that were not confirmed"] = script => script.SayAsync(new EndMessage { Confirmed = 1 }).AsTask(),
        ["bye before the receipt"] = script => script.SayAsync(new ByeMessage()).AsTask(),
        ["settings twice"] = script => script.SayAsync(new SettingsMessage { Codecs = [], Window = 1, ChunkSize = 1 << 20, Hash = true }).AsTask(),
        ["an answer"] = script => script.SayAsync(new AnswerPage { Round = 0, Page = 0, Last = true, UpTo = 0, Entries = [] }).AsTask(),
        ["found"] = script => script.SayAsync(new FoundPage { Round = 0, Index = 0, Runs = [] }).AsTask(),
        ["results"] = script => script.SayAsync(new ResultsPage { Round = 0, Last = true, Good = [0, 1], Failed = [] }).AsTask(),
        ["a receipt"] = script => script.SayAsync(new ReceiptMessage { Confirmed = 0 }).AsTask(),
        ["void of no chunks"] = script => script.SayAsync(new VoidMessage { First = 0, Count = 0 }).AsTask(),
        ["void twice"] = async script =>
        {
            await script.SayAsync(new VoidMessage { First = 5, Count = 5 });
            await script.SayAsync(new VoidMessage { First = 9, Count = 1 });
        },
        ["void backwards"] = async script =>
        {
            await script.SayAsync(new VoidMessage { First = 5, Count = 5 });
            await script.SayAsync(new VoidMessage { First = 0, Count = 1 });
        },
        ["void beyond the file"] = async script =>
        {
            await script.SayAsync(Offer());
            await script.SayAsync(new VoidMessage { First = 0, Count = 1L << 40 });
        },
        ["void over a round without content"] = async script =>
        {
            await script.SayAsync(new VoidMessage { First = 0, Count = 1 });
            await script.RoundAsync((ScriptedSender.File("f", Small), Small, true));
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task It_ends_the_session_at_once_and_writes_nothing(string what)
    {
        Task<Outcome> sender = ScriptedSender.RunAsync(_pair.Send, async script =>
        {
            await Scripts[what](script);
            await Task.Delay(Timeout.Infinite, script.CancellationToken);
        });
        Outcome receiver = await Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive, cancellationToken: TestContext.Current.CancellationToken));
        await sender;

        Assert.Equal(P2PErrorCode.ProtocolError, receiver.Error);
        Assert.Equal(0, _pair.PartialLength);
        Assert.True(!Directory.Exists(_pair.Destination) || Directory.GetFileSystemEntries(_pair.Destination).Length == 0);
    }

    /// <summary>Content may come as soon as the sender knows the answers. A sender that does not wait for them gains nothing.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Content_that_comes_before_the_user_agrees_is_not_written_before(bool agrees)
    {
        bool wasThere = false;
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ReceiveOptions asking = _pair.Receive with
        {
            ConfirmOffer = async (_, token) =>
            {
                await sent.Task.WaitAsync(token);
                await Task.Delay(100, token);
                wasThere = Directory.Exists(_pair.Destination);
                return agrees;
            },
        };
        Task<Outcome> sender = ScriptedSender.RunAsync(_pair.Send, async script =>
        {
            await script.SayAsync(Offer());
            await script.SendItemAsync(0, Small);
            sent.SetResult();
            await Task.Delay(Timeout.Infinite, script.CancellationToken);
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(asking, cancellationToken: stop.Token));
        string file = Path.Combine(_pair.Destination, "f");
        if (agrees)
            await Task.Run(() => SpinWait.SpinUntil(() => File.Exists(file), TimeSpan.FromSeconds(30)), TestContext.Current.CancellationToken);
        else
            await receiver;
        await stop.CancelAsync();
        await Task.WhenAll(sender, receiver);

        Assert.False(wasThere);
        Assert.Equal(agrees, File.Exists(file));
    }

    /// <summary>A sender that asks for more connections and direct attempts than there can be.</summary>
    [Fact]
    public async Task Floods_of_messages_that_are_taken_at_once_change_nothing()
    {
        Task<Outcome> sender = ScriptedSender.RunAsync(_pair.Send, async script =>
        {
            for (int i = 0; i < 5000; i++)
            {
                await script.SayAsync(new StreamsMessage { Count = 1 });
                await script.SayAsync(new CandidatesMessage { Offer = new CandidateOffer(i % 16, i, []) });
            }

            await script.RoundAsync((ScriptedSender.File("f", Small), Small, true));
            await script.EndAsync();
        });
        Outcome receiver = await Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive, cancellationToken: TestContext.Current.CancellationToken));
        await sender;
        Assert.True(receiver.Succeeded, receiver.Exception?.ToString());
    }

    [Fact]
    public async Task A_failure_of_the_receiver_does_not_tell_the_sender_its_path()
    {
        ReceiveOptions failing = _pair.Receive with
        {
            ConfirmOffer = (_, _) => throw new P2PException(P2PErrorCode.FileWriteError, $"Writing \"{_pair.Destination}/f\" failed: the disk is broken."),
        };
        Task<Outcome> sender = ScriptedSender.RunAsync(_pair.Send, async script =>
        {
            await script.SayAsync(Offer());
            await Task.Delay(Timeout.Infinite, script.CancellationToken);
        });
        Outcome receiver = await Outcome.OfAsync(P2PTransfer.ReceiveAsync(failing, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(P2PErrorCode.FileWriteError, receiver.Error);
        Outcome outcome = await sender;
        string told = (outcome.Exception ?? outcome.Report?.Error)?.Message ?? string.Empty;
        Assert.Contains("the disk is broken", told, StringComparison.Ordinal);
        Assert.DoesNotContain(_pair.Destination, told, StringComparison.Ordinal);
    }

    public void Dispose() => _pair.Dispose();

    private static OfferPage Offer(int round = 0, int page = 0, bool isLast = true)
        => new() { Round = round, Page = page, Last = isLast, Entries = [ScriptedSender.File("f", Small)] };

    private static BlocksPage Blocks() => new() { Round = 0, Index = 0, Last = true, Data = new byte[20] };
}
