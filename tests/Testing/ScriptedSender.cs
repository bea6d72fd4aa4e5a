using System.Security.Cryptography;
using P2PCopy.Primitives;
using P2PCopy.Session.Links;
using P2PCopy.Transfer;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;
using P2PCopy.Transfer.Sending;

namespace P2PCopy.Tests.Testing;

/// <summary>A sender with the right code that says whatever a test writes down, message by message.</summary>
internal static class ScriptedSender
{
    public static async Task<Outcome> RunAsync(SendOptions options, Func<Script, Task> play)
    {
        await using var meter = new TransferMeter(null, options.TimeProvider);
        var runner = new TransferRunner(options, options.Code!, new EventSink(null, meter), meter);
        return await Outcome.OfAsync(runner.RunAsync(
            runner.CreateContext(PeerRole.Send, options.Connector!, wrongCodeLimit: 1),
            async (session, _, token) =>
            {
                var script = new Script(session, token);
                await script.BeginAsync(options.SenderName);
                await play(script);
            },
            TestContext.Current.CancellationToken));
    }

    public static OfferedEntry File(string name, byte[] content) => new() { Name = name, Length = content.Length, Modified = 1 };
}

/// <summary>The lines of a <see cref="ScriptedSender"/>.</summary>
internal sealed class Script(PeerSession session, CancellationToken cancellationToken)
{
    private const int ChunkSize = 1 << 20;

    private readonly BufferPool _pool = new(OutgoingRecord.HeaderLength + ChunkSize);
    private readonly ControlPort _control = new(session);
    private int _round;
    private long _nextChunk;

    /// <summary>Entries that the receiver has confirmed.</summary>
    public long Confirmed { get; private set; }

    /// <summary>What to do between the answers and the content of a round.</summary>
    public Func<Task>? BeforeContent { get; set; }

    public CancellationToken CancellationToken => cancellationToken;

    public async Task BeginAsync(string senderName)
    {
        await SayAsync(new SettingsMessage { Codecs = [], Window = 16 << 20, ChunkSize = ChunkSize, Hash = true, SenderName = senderName });
        await _control.ReceiveAsync<SettingsMessage>(cancellationToken);
        session.Configure(ChunkSize, 16 << 20, _pool);
    }

    public ValueTask SayAsync(ControlMessage message) => _control.SendAsync(message, cancellationToken);

    public async Task<T> HearAsync<T>()
        where T : ControlMessage
        => await _control.ReceiveAsync<T>(cancellationToken);

    /// <summary>A whole round of small files.</summary>
    /// <param name="files">What is offered, its content, and whether the trailer calls it good.</param>
    /// <returns>For each entry: good, failed, or the answer.</returns>
    public async Task<string[]> RoundAsync(params (OfferedEntry Entry, byte[] Content, bool IsGood)[] files)
    {
        await SayAsync(new OfferPage { Round = _round, Page = 0, Last = true, Entries = [.. files.Select(f => f.Entry)] });
        string[] outcome = new string[files.Length];
        Array.Fill(outcome, "wanted");
        foreach (AnsweredEntry answer in (await HearAsync<AnswerPage>()).Entries)
            outcome[answer.Index] = answer.Answer!;
        Confirmed += outcome.Count(o => o == Answers.Unchanged);
        var content = new MemoryStream();
        for (int i = 0; i < files.Length; i++)
        {
            if (outcome[i] == "wanted" && files[i].Entry.Kind == 0)
                Append(content, i, files[i].Content, files[i].IsGood);
        }

        if (BeforeContent is not null)
            await BeforeContent();
        await SendAsync(content.ToArray());
        await ResultsAsync(outcome);
        _round++;
        return outcome;
    }

    /// <summary>The content of a round that has one wanted file, without waiting for anything.</summary>
    public Task SendItemAsync(int index, byte[] bytes)
    {
        var content = new MemoryStream();
        Append(content, index, bytes, isGood: true);
        return SendAsync(content.ToArray());
    }

    public async Task EndAsync()
    {
        await SayAsync(new EndMessage { Confirmed = Confirmed });
        await HearAsync<ReceiptMessage>();
        await _control.SendLastAsync(new ByeMessage(), cancellationToken);
    }

    private async Task ResultsAsync(string[] outcome)
    {
        ResultsPage page;
        do
        {
            page = await HearAsync<ResultsPage>();
            for (int i = 0; i < page.Good.Length; i += 2)
            {
                Array.Fill(outcome, "good", (int)page.Good[i], (int)page.Good[i + 1]);
                Confirmed += page.Good[i + 1];
            }

            foreach (FailedEntry failed in page.Failed)
                outcome[failed.Index] = "failed";
        }
        while (!page.Last);
    }

    private void Append(MemoryStream content, int index, byte[] bytes, bool isGood)
    {
        byte[] trailer = new byte[Trailer.Length];
        Trailer.Write(
            trailer, session.TrailerKey.Span, _round, index, isGood ? Trailer.Good : Trailer.Failed, bytes.Length, isGood ? SHA256.HashData(bytes) : Trailer.NoDigest);
        content.Write(bytes);
        content.Write(trailer);
    }

    private async Task SendAsync(byte[] content)
    {
        var encoder = new ChunkEncoder(null, _pool, isPadded: true);
        foreach (byte[] part in content.Chunk(ChunkSize))
        {
            byte[] buffer = _pool.Rent();
            part.CopyTo(buffer, OutgoingRecord.HeaderLength);
            await session.SendChunkAsync(encoder.Encode(new RawChunk(_nextChunk++, buffer, part.Length)), cancellationToken);
        }
    }
}
