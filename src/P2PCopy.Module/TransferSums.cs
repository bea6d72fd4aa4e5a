using System.Globalization;
using P2PCopy.Cmdlets;
using P2PCopy.Compression;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Module;

/// <summary>Converts what the engine offers and reports about a whole transfer to objects and sentences of the cmdlets.</summary>
internal static class TransferSums
{
    private const int Columns = 80;

    public static P2POffer Offer(TransferOffer offer)
        => new([.. offer.Entries.Select(Entry)])
        {
            FileCount = offer.FileCount,
            FolderCount = offer.FolderCount,
            Length = offer.TotalBytes ?? -1,
            FreeSpace = offer.FreeBytes,
            Plan = offer.Plan is { } plan ? Plan(plan) : null,
        };

    public static string Describe(TransferOffer offer)
        => $"{Count(offer.FileCount, "file")}{(offer.FolderCount > 0 ? " and " + Count(offer.FolderCount, "folder") : "")}, " +
            (offer.TotalBytes is { } bytes ? ByteText.Size(bytes) : "of unknown size,");

    /// <summary>For -Verbose.</summary>
    public static string Sentence(TransferReport report, bool sent)
        => string.Create(
            CultureInfo.InvariantCulture,
            $"{(sent ? "Sent" : "Received")} {ByteText.Size(report.BytesCopied)} in {report.Duration.TotalSeconds:0.000} s{(report.SenderName is { } sender ? " from " + VisibleText.Of(sender) : "")}; {ByteText.Size(report.BytesTransferred)} on the wire, {ByteText.Size(report.BytesDirect)} of them direct, {(report.Codec is { } codec ? "compressed with " + ChunkCodecs.Describe(codec) : "not compressed")}, {Count(report.Reconnects, "reconnect")}{(report.IsDurable ? ", written through to the disk" : "")}.");

    public static void Complete(P2PTransferResult transfer, TransferReport report)
    {
        transfer.Status = report.Error is not null ? "Failed" : report.Succeeded ? "Completed" : "Incomplete";
        transfer.SenderName = report.SenderName ?? transfer.SenderName;
        transfer.Duration = report.Duration;
        transfer.IsDurable = report.IsDurable;
        transfer.Copied = CountOf(FileStatus.Copied);
        transfer.Unchanged = CountOf(FileStatus.Unchanged);
        transfer.Skipped = CountOf(FileStatus.Skipped);
        transfer.Failed = CountOf(FileStatus.Failed);
        transfer.Unconfirmed = CountOf(FileStatus.Unconfirmed);
        transfer.BytesCopied = report.BytesCopied;
        transfer.BytesReused = report.BytesReused;
        transfer.BytesTransferred = report.BytesTransferred;
        transfer.BytesDirect = report.BytesDirect;
        transfer.Codec = report.Codec?.ToString();
        transfer.Reconnects = report.Reconnects;
        transfer.ErrorId = report.Error?.Code.ToString();
        transfer.Message = ParameterNames.In(report.Error?.Message);

        long CountOf(FileStatus status) => report.Files.LongCount(f => f.Status == status && f.Kind != FileReportKind.Folder);
    }

    /// <summary>A number with its noun: <c>1 file</c>, <c>2 files</c>.</summary>
    public static string Count(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static P2PPlan Plan(TransferPlan plan)
        => new(plan.Destination, [.. PlanText.Lines(plan, Columns, (name, _) => VisibleText.Name(name))])
        {
            NewFiles = plan.NewFiles,
            ReplacedFiles = plan.ReplacedFiles,
            NewerHere = plan.NewerHere,
            NewerNames = [.. plan.NewerNames],
            ReplacedNames = [.. plan.ReplacedNames],
            UnchangedFiles = plan.UnchangedFiles,
            LeftFiles = plan.LeftFiles,
            ExecutableFiles = plan.ExecutableFiles,
            HiddenFiles = plan.HiddenFiles,
            Links = plan.Links,
            FilesThroughLinks = plan.FilesThroughLinks,
            ChangedFolders = plan.ChangedFolders,
            BytesToTransfer = plan.BytesToTransfer ?? -1,
            MissingBytes = plan.MissingBytes,
        };

    private static P2POfferEntry Entry(OfferEntry entry)
        => new(entry.Name, entry.Kind.ToString()) { Length = entry.Length, LastWriteTime = entry.Modified?.ToLocalTime() };
}
