using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Source;
using P2PCopy.Session.Links;
using P2PCopy.Transfer;
using P2PCopy.Transfer.Options;
using P2PCopy.Transfer.Receiving;
using P2PCopy.Transfer.Reports;
using P2PCopy.Transfer.Sending;
using P2PCopy.Transfer.Writing;

namespace P2PCopy;

/// <summary>
/// Copies files between two machines. Safe to call many times at once in one process: transfers share no state.
/// </summary>
public static class P2PTransfer
{
    /// <summary>Sends files and folders, or a stream.</summary>
    /// <param name="options">The options.</param>
    /// <param name="progress">Gets the progress at most every 250 ms, on threads of the engine, one call at a time.</param>
    /// <param name="cancellationToken">Cancels. The other side is notified, and partial files stay for a later run.</param>
    /// <returns>
    /// The report with one entry for each file. The failure of a file is in its entry. An error that ended the transfer after the
    /// offer was known is in <see cref="TransferReport.Error"/>.
    /// </returns>
    /// <exception cref="P2PException">The transfer could not begin.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<TransferReport> SendAsync(
        SendOptions options,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionCheck.Send(options);
        PairingCode code = options.Code ?? PairingCode.Generate();
        await using var meter = new TransferMeter(progress, options.TimeProvider);
        var events = new EventSink(options.OnEvent, meter);
        SourceTree tree = Scan(options, cancellationToken);
        foreach (FileProblem warning in tree.Omissions) // before a code is shown
            events.Warn(warning.Message, warning.Hint);

        await using MeetingPlaces places = await MeetingPlaces.OpenAsync(options, PeerRole.Send, code, events.Raise, cancellationToken).ConfigureAwait(false);
        events.AdmitRooms = places.Admit;
        if (options.Code is null)
            events.Raise(new TransferEvent.CodeGenerated(code) { Relays = options.Relays });
        meter.FilesTotal = tree.Entries.Count(e => e.Entry.Kind == EntryKind.File);
        meter.BytesTotal = options.InputStream is null ? tree.TotalBytes : -1;
        var runner = new TransferRunner(options, code, events, meter);
        const int WrongCodesEndured = 3; // for a generated code: a wrong guess is then probably not the user's mistake
        var input = options.InputStream is { } stream ? new StreamInput(stream) : null;
        return await runner.RunAsync(
            runner.CreateContext(PeerRole.Send, places.Connector, wrongCodeLimit: options.Code is null ? WrongCodesEndured + 1 : 1),
            (session, book, token) =>
            {
                input?.Begin();
                return new SendEngine(session, options, tree, book, events, meter).RunAsync(token);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Receives the files that a sender with the same code offers.</summary>
    /// <inheritdoc cref="SendAsync"/>
    public static async Task<TransferReport> ReceiveAsync(
        ReceiveOptions options,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionCheck.Receive(options);
        await using var meter = new TransferMeter(progress, options.TimeProvider);
        var events = new EventSink(options.OnEvent, meter);
        await using MeetingPlaces places = await MeetingPlaces.OpenAsync(options, PeerRole.Receive, options.Code!, events.Raise, cancellationToken).ConfigureAwait(false);
        events.AdmitRooms = places.Admit;
        var runner = new TransferRunner(options, options.Code!, events, meter);
        return await runner.RunAsync(
            runner.CreateContext(PeerRole.Receive, places.Connector, wrongCodeLimit: 1),
            Receiver(options, events, meter, resumes: true),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Receives one transfer after another with one code, from any number of senders, until it is cancelled (a drop box).
    /// </summary>
    /// <param name="options">
    /// The options. The code needs at least <see cref="PairingCode.StandingSecretBits"/> bits of secret;
    /// <see cref="ReceiveOptions.WholeFile"/>, <see cref="ReceiveOptions.Durable"/> and <see cref="ConflictPolicy.Rename"/> are the defaults here;
    /// <see cref="TransferOptions.WaitTimeout"/> does not apply. Partials that a killed receiver left are removed
    /// when they are a week old.
    /// </param>
    /// <param name="progress">Gets the progress of the current transfer, and the phase while there is none.</param>
    /// <param name="cancellationToken">Ends the receiver; see <see cref="ReceiveOptions.DrainTimeout"/>.</param>
    /// <returns>
    /// A report for each sender that knew the code, at the end of its transfer. After a failure it has
    /// <see cref="TransferReport.Error"/>, and no files if they were not known yet. The next sender is accepted when the caller
    /// requests the next report. Each wrong code is an event and blocks new attempts for 2 s to 2 minutes.
    /// </returns>
    /// <exception cref="P2PException">The options cannot be used, or the relay never admitted this side.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IAsyncEnumerable<TransferReport> ReceiveContinuouslyAsync(
        ReceiveOptions options,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionCheck.Standing(options);
        return new StandingReceiver(StandingReceiver.Complete(options), progress).RunAsync(cancellationToken);
    }

    /// <summary>The receiver that runs on every session of a transfer.</summary>
    internal static Func<PeerSession, ReportBook, CancellationToken, Task> Receiver(
        ReceiveOptions options, EventSink events, TransferMeter meter, bool resumes)
    {
        StreamOutput? output = options.OutputStream is { } stream ? new StreamOutput(stream) : null;
        var run = new RunMemory(options, resumes);
        return (session, book, token) =>
        {
            if (output is { IsBegun: true })
                throw StreamOutput.BrokenOff();
            return new ReceiveEngine(session, run, options, sender => OpenTree(options, run, sender), output, book, events, meter).RunAsync(token);
        };
    }

    private static DestinationTree OpenTree(ReceiveOptions options, RunMemory run, string? senderName)
    {
        string root = options.FolderPerSender
            ? System.IO.Path.Combine(options.Destination, SenderFolder.Of(senderName))
            : options.Destination;
        return new DestinationTree(root, new DestinationOptions
        {
            OnConflict = options.OnConflict ?? ConflictPolicy.Update,
            Own = run.Own,
            Replaces = run.Conflicts.Find,
            Checksum = options.Checksum,
            ModifyWindow = options.ModifyWindow,
            TimeProvider = options.TimeProvider,
            PreserveMode = options.PreserveMode,
            Rules = options.Rules,
            Folding = options.Folding,
        });
    }

    private static SourceTree Scan(SendOptions options, CancellationToken cancellationToken)
    {
        if (options.InputStream is not null)
        {
            var entry = new ManifestEntry(options.Name!, EntryKind.File, -1, options.TimeProvider.GetUtcNow().UtcDateTime);
            return new SourceTree([new SourceEntry(entry, new SourceRoot("", "", FollowLinks: false))], [], []);
        }

        return SourceScanner.Scan(options.Selection, cancellationToken);
    }
}
