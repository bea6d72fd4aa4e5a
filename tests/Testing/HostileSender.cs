using P2PCopy.Files.Names;
using P2PCopy.Files.Source;
using P2PCopy.Transfer;
using P2PCopy.Transfer.Reports;
using P2PCopy.Transfer.Sending;

namespace P2PCopy.Tests.Testing;

/// <summary>A sender that knows the protocol and the code, and offers what no scan of a file system would.</summary>
internal sealed class HostileSender(TransferPair pair)
{
    public const string Content = "hostile";

    /// <summary>A file under any name, whose content will really come if the receiver wants it.</summary>
    public ManifestEntry File(string name)
    {
        string path = pair.Folder["content"];
        if (!System.IO.File.Exists(path))
            System.IO.File.WriteAllText(path, Content);
        return new ManifestEntry(name, EntryKind.File, Content.Length, System.IO.File.GetLastWriteTimeUtc(path), 0x1A4);
    }

    public static ManifestEntry Folder(string name) => new(name, EntryKind.Folder, 0, DateTime.UnixEpoch, 0x1ED);

    public static ManifestEntry Link(string name, string target) => new(name, EntryKind.Link, 0, DateTime.UnixEpoch, LinkTarget: target);

    public async Task<(Outcome Sender, Outcome Receiver)> OfferAsync(ReceiveOptions receive, params ManifestEntry[] entries)
    {
        Task<Outcome> sender = SendAsync(entries);
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(receive, cancellationToken: TestContext.Current.CancellationToken));
        return (await sender, await receiver);
    }

    public async Task<Outcome> SendAsync(params ManifestEntry[] entries)
    {
        SendOptions options = pair.Send;
        await using var meter = new TransferMeter(null, options.TimeProvider);
        var events = new EventSink(options.OnEvent, meter);
        var runner = new TransferRunner(options, PairingCode.Parse(TransferPair.Code), events, meter);

        // A root whose prefix is the whole name: every name is read from the one file of content.
        SourceEntry[] sources = [.. entries.Select(e => new SourceEntry(e, new SourceRoot(pair.Folder["content"], e.Name, FollowLinks: false)))];
        return await Outcome.OfAsync(runner.RunAsync(
            runner.CreateContext(PeerRole.Send, pair.Relay, wrongCodeLimit: 1),
            (session, book, token) => new SendEngine(session, options, new SourceTree(sources, [], []), book, events, meter).RunAsync(token),
            TestContext.Current.CancellationToken));
    }
}
