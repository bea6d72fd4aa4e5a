using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy;

/// <summary>Where to put what arrives and how. See <see cref="TransferOptions"/> for what both sides share.</summary>
public sealed record ReceiveOptions : TransferOptions
{
    /// <summary>The folder to write into; made if missing. Relative to the process's current directory.</summary>
    public string Destination { get; init; } = ".";

    /// <summary>
    /// Puts what comes into a folder below <see cref="Destination"/> that is named after what the sender calls itself
    /// (<see cref="SendOptions.SenderName"/>): lower-case letters, digits, <c>-</c>, <c>_</c> and inner dots; other names
    /// are made so and get eight digits of their SHA-256; <c>unnamed</c> for a sender that does not say. It sorts and does
    /// not protect: anybody with the code can claim any name.
    /// </summary>
    public bool FolderPerSender { get; init; }

    /// <summary>
    /// What to do with a file that exists; null is <see cref="ConflictPolicy.Update"/>, and in
    /// <see cref="P2PTransfer.ReceiveContinuouslyAsync"/> <see cref="ConflictPolicy.Rename"/>.
    /// </summary>
    public ConflictPolicy? OnConflict { get; init; }

    /// <summary>Compares content instead of size and time to find unchanged files.</summary>
    public bool Checksum { get; init; }

    /// <summary>
    /// Never tells the sender about blocks that are here already: changed files travel whole, and no later run resumes.
    /// Null is false, and in <see cref="P2PTransfer.ReceiveContinuouslyAsync"/> true: there the partials that are then of
    /// no use are deleted, as with <see cref="DiscardPartial"/>.
    /// </summary>
    public bool? WholeFile { get; init; }

    /// <summary>Seconds by which two modification times may differ and still count as equal; 0 to 86400.</summary>
    public int ModifyWindowSeconds { get; init; }

    /// <summary>Writes through to the disk before a file is confirmed.</summary>
    public bool Fsync { get; init; }

    /// <summary>Deletes partial files at the end instead of keeping them for a later run.</summary>
    public bool DiscardPartial { get; init; }

    /// <summary>
    /// The most entries to accept in one run: files, links, and folders, those included that only the name of an entry
    /// implies. No limit by default.
    /// </summary>
    public long? MaxFiles { get; init; }

    /// <summary>
    /// The most bytes to accept in one run, in all files together, those included that are offered and fail. No limit by
    /// default.
    /// </summary>
    public long? MaxSize { get; init; }

    /// <summary>Writes the one file or stream that is offered here instead of to <see cref="Destination"/>.</summary>
    public Stream? OutputStream { get; init; }

    /// <summary>
    /// Seconds that <see cref="P2PTransfer.ReceiveContinuouslyAsync"/>, when it is cancelled, gives a running transfer to come
    /// to its end, 0 to 86400; then, or with 0 at once, the sender is told that it was cancelled.
    /// </summary>
    public int DrainTimeoutSeconds { get; init; }

    /// <summary>
    /// Seconds without progress after which a transfer ends although the sender is still connected; 0 to 31536000, 0 for no
    /// limit. Progress is content, a further part of the offer or of the plan, or work on this side.
    /// </summary>
    public int StallTimeoutSeconds { get; init; } = 3600;

    /// <summary>
    /// Asked when the whole offer is known and before anything is written. False declines the offer: the sender ends with
    /// <c>PeerAborted</c>, this side with a report in which nothing was copied. Asked again when a restarted sender offers
    /// something that was not agreed to, and when a file that changed while it was sent has grown
    /// (<see cref="TransferOffer.IsRepeat"/>).
    /// </summary>
    public Func<TransferOffer, CancellationToken, ValueTask<bool>>? ConfirmOffer { get; init; }

    /// <summary>
    /// Characters that the names of an offer may have together: they are kept, and a page of a few kilobytes can unpack to a
    /// megabyte of them. As many as ten million names of fifty; fewer in tests.
    /// </summary>
    internal long MostNameCharacters { get; init; } = 512L << 20;

    /// <summary>What names may be; those of another system in tests.</summary>
    internal NameRules Rules { get; init; } = new DestinationOptions().Rules;

    /// <summary>Tells whether the destination folds names; replaced in tests.</summary>
    internal IFoldingProbe Folding { get; init; } = FoldingProbe.Instance;
}
