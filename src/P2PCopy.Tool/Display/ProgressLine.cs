using System.Globalization;
using System.Text;

namespace P2PCopy.Tool.Display;

/// <summary>One line of progress: the whole transfer and the current file.</summary>
internal static class ProgressLine
{
    public static string Format(TransferProgress progress, PeerRole role, int columns)
    {
        var line = new StringBuilder();
        switch (progress.Phase)
        {
            case TransferPhase.Waiting:
                return "Waiting for the other side…";
            case TransferPhase.Reconnecting:
                return "Connection lost; reconnecting…";
            case TransferPhase.Offering:
                line.Append(CultureInfo.InvariantCulture, $"Listing: {HumanText.Count(progress.FilesTotal, "file")}");
                break;
            case TransferPhase.Comparing when role == PeerRole.Send && progress is { FilesDone: 0, CurrentName: null }:
                line.Append(CultureInfo.InvariantCulture, $"Waiting for the receiver to accept {HumanText.Count(progress.FilesTotal, "file")}");
                break;
            case TransferPhase.Comparing:
                line.Append(CultureInfo.InvariantCulture, $"Comparing: {progress.FilesDone:N0} of {HumanText.Count(progress.FilesTotal, "file")}");
                break;
            default:
                AppendTotals(line, progress);
                break;
        }

        if (progress.CurrentName is { } name)
            AppendCurrent(line, progress, name, columns);
        return HumanText.Columns(line.ToString()) > columns ? HumanText.Fit(line.ToString(), columns) : line.ToString();
    }

    private static void AppendTotals(StringBuilder line, TransferProgress progress)
    {
        if (progress.BytesTotal is > 0 and { } total)
        {
            // 100 % is shown by the summary only, after the confirmation.
            double percent = Math.Clamp(100.0 * progress.BytesDone / total, 0, 100);
            line.Append(CultureInfo.InvariantCulture, $"{Math.Floor(percent),3:0}% {HumanText.Size(progress.BytesDone)} of {HumanText.Size(total)}");
        }
        else
        {
            line.Append(HumanText.Size(progress.BytesDone));
        }

        line.Append("  ").Append(HumanText.Rate(progress.BytesPerSecond));
        if (progress.SecondsRemaining is { } seconds && double.IsFinite(seconds))
            line.Append("  ").Append(HumanText.Clock(TimeSpan.FromSeconds(Math.Min(seconds, 1e8)))).Append(" left");
        if (progress.FilesTotal > 1)
            line.Append(CultureInfo.InvariantCulture, $"  {progress.FilesDone:N0}/{progress.FilesTotal:N0}");
    }

    private static void AppendCurrent(StringBuilder line, TransferProgress progress, string name, int columns)
    {
        string share = progress.CurrentTotal is > 0 and { } length && progress.FilesTotal > 1
            ? string.Create(CultureInfo.InvariantCulture, $" {Math.Clamp(100 * progress.CurrentDone / length, 0, 100)}%")
            : string.Empty;
        int room = columns - HumanText.Columns(line.ToString()) - 2 - share.Length;
        if (room >= 8)
            line.Append("  ").Append(HumanText.Fit(name, room)).Append(share);
    }
}
