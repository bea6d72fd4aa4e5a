using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Probes;

namespace P2PCopy;

/// <summary>The options of a receiver; <see cref="TransferOptions"/> has those of both sides.</summary>
public sealed record ReceiveOptions : TransferOptions
{
    /// <summary>The folder to write to; created if it does not exist. Relative to the process's current directory.</summary>
    public string Destination { get; init; } = ".";

    /// <summary>
    /// Writes to a folder of <see cref="Destination"/> that has the name of the sender (<see cref="SendOptions.SenderName"/>):
    /// lower-case letters, digits, <c>-</c>, <c>_</c> and inner dots. Other names are changed to this form and get eight
    /// digits of their SHA-256; a sender without a name gets <c>unnamed</c>. This sorts files and protects nothing, because a sender
    /// with the code can use any name.
    /// </summary>
    public bool FolderPerSender { get; init; }

    /// <summary>
    /// How to treat a file that exists; null is <see cref="ConflictPolicy.Update"/>, and in
    /// <see cref="P2PTransfer.ReceiveContinuouslyAsync"/> <see cref="ConflictPolicy.Rename"/>.
    /// </summary>
    public ConflictPolicy? OnConflict { get; init; }

    /// <summary>Compares content instead of size and time to find unchanged files.</summary>
    public bool Checksum { get; init; }

    /// <summary>
    /// Does not compare blocks, so the sender does not learn which blocks exist. Changed files are sent whole, and no later run
    /// resumes. Null is false, and in <see cref="P2PTransfer.ReceiveContinuouslyAsync"/> true. Partial files are then of no use and
    /// are deleted, as with <see cref="DiscardPartial"/>.
    /// </summary>
    public bool? WholeFile { get; init; }

    /// <summary>Modification times within this time count as equal; at most a day.</summary>
    public TimeSpan ModifyWindow { get; init; }

    /// <summary>
    /// Writes content and names to the disk before the sender is told that they arrived, so that they survive a power cut. Null is
    /// false, and in <see cref="P2PTransfer.ReceiveContinuouslyAsync"/> true. Without it a power cut may lose the last files, but
    /// never leaves a file with wrong content. <see cref="TransferReport.IsDurable"/> tells both sides.
    /// </summary>
    public bool? Durable { get; init; }

    /// <summary>
    /// Gives files and folders exactly the permission bits of the sender. Otherwise new ones get them as far as the umask or
    /// the default ACL permits, and existing ones keep their own.
    /// </summary>
    public bool PreserveMode { get; init; }

    /// <summary>Starts the transfer even if the destination seems to have too little free space.</summary>
    public bool SkipSpaceCheck { get; init; }

    /// <summary>Deletes partial files at the end instead of keeping them for a later run.</summary>
    public bool DiscardPartial { get; init; }

    /// <summary>
    /// Limit for the number of files, links and folders of one run, with the folders that only the name of an entry implies;
    /// null is without a limit.
    /// </summary>
    public long? MaxFiles { get; init; }

    /// <summary>
    /// Limit for the size of all files of one run together, in bytes, with files that are offered and fail; null is without a
    /// limit.
    /// </summary>
    public long? MaxSize { get; init; }

    /// <summary>The stream to which the single offered file or stream is written, instead of <see cref="Destination"/>.</summary>
    public Stream? OutputStream { get; init; }

    /// <summary>
    /// Time for a running transfer to end when <see cref="P2PTransfer.ReceiveContinuouslyAsync"/> is cancelled; at most a
    /// day. After it, or at once with zero, the transfer is cancelled.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; }

    /// <summary>
    /// Time without progress after which a transfer ends although the sender is still connected; at most 365 days, zero is
    /// without a limit. Progress is content, a further part of the offer or of the plan, or work on this side.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Average rate in bytes per second that a sender must reach in every <see cref="StallTimeout"/>, otherwise its transfer ends.
    /// Every entry, file and listed block counts as 1 KiB. So with <see cref="MaxSize"/> and <see cref="MaxFiles"/> a transfer has an
    /// end. Null is 0, without a limit, and in <see cref="P2PTransfer.ReceiveContinuouslyAsync"/> 1 KiB per second.
    /// </summary>
    public long? MinRate { get; init; }

    /// <summary>
    /// Decides about the complete offer before anything is written. False declines it; the sender then ends with
    /// <c>PeerAborted</c>, and this side returns a report in which nothing was copied. Called again when a restarted sender offers
    /// something that was not agreed to, and when a file that changed while it was sent can do more than what was agreed to
    /// (<see cref="TransferOffer.IsRepeat"/>).
    /// </summary>
    public Func<TransferOffer, CancellationToken, ValueTask<bool>>? ConfirmOffer { get; init; }

    /// <summary>
    /// With <see cref="ConflictPolicy.Ask"/>: decides about a file that is here and differs from the offered one, after
    /// <see cref="ConfirmOffer"/> and before anything is written. It is called once for each such file, one after another.
    /// A file that appears during the transfer fails with <see cref="P2PErrorCode.DestinationExists"/>.
    /// </summary>
    public Func<FileConflict, CancellationToken, ValueTask<ConflictAnswer>>? ResolveConflict { get; init; }

    /// <summary>
    /// The maximum number of characters of all names of an offer, because a page of a few kilobytes can unpack to a megabyte of
    /// names, which are kept in memory. The default allows ten million names of fifty characters; tests use less.
    /// </summary>
    internal long MostNameCharacters { get; init; } = 512L << 20;

    /// <summary>The rules for names; tests use those of other systems.</summary>
    internal NameRules Rules { get; init; } = new DestinationOptions().Rules;

    /// <summary>Finds out whether the destination folds names; tests replace it.</summary>
    internal IFoldingProbe Folding { get; init; } = FoldingProbe.Instance;
}
