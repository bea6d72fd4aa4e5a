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
                line.Append(Totals(progress, columns));
                break;
        }

        if (progress.CurrentName is { } name)
            AppendCurrent(line, progress, name, columns);
        return HumanText.Columns(line.ToString()) > columns ? HumanText.Fit(line.ToString(), columns) : line.ToString();
    }

    // What a narrow terminal has no space for is left out as a whole: a number without its beginning would be another number.
    private static string Totals(TransferProgress progress, int columns)
    {
        string percent = string.Empty, total = string.Empty, left = string.Empty, files = string.Empty;
        if (progress.BytesTotal is > 0 and { } all)
        {
            // 100 % is shown by the summary only, after the confirmation.
            percent = string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Math.Clamp(100.0 * progress.BytesDone / all, 0, 100)),3:0}% ");
            total = $" of {HumanText.Size(all)}";
        }

        if (progress.SecondsRemaining is { } seconds && double.IsFinite(seconds))
            left = $"  {HumanText.Clock(TimeSpan.FromSeconds(Math.Min(seconds, 1e8)))} left";
        if (progress.FilesTotal > 1)
            files = string.Create(CultureInfo.InvariantCulture, $"  {progress.FilesDone:N0}/{progress.FilesTotal:N0}");
        string done = percent + HumanText.Size(progress.BytesDone), rate = "  " + HumanText.Rate(progress.BytesPerSecond);
        string[] shorter = [done + total + rate + left + files, done + rate + left + files, done + rate + left, done + left, done, percent.Length > 0 ? percent.TrimEnd() : done];
        return shorter.FirstOrDefault(line => HumanText.Columns(line) <= columns) ?? shorter[^1];
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
