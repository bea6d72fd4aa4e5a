using System.CommandLine;
using System.Globalization;
using System.Text;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Options;
using P2PCopy.Tool.Output;

namespace P2PCopy.Tool.Commands;

/// <summary><c>p2pcopy history</c>: the last transfers of this user.</summary>
internal static class HistoryCommand
{
    public const string Name = "history";
    public const string Description = "Show the last transfers of this user";
    private const int UsualCount = 20;
    private const int MostCount = 10_000;

    public static Command Create(ToolHost host)
    {
        Option<int> count = Define.Number("--count", "count", UsualCount, 1, MostCount, $"Limit for the number of transfers [default: {UsualCount}]");
        Option<bool> json = Define.Flag("--json", "One JSON object per line on standard output", "-j");
        Option<bool> clear = Define.Flag("--clear", "Delete the history");
        var command = new Command(Name, Description) { count, json, clear };
        command.SetAction(result =>
        {
            var history = new HistoryFile(host);
            if (result.GetValue(clear))
            {
                history.Clear();
                return;
            }

            IEnumerable<HistoryEntry> last = history.Read().TakeLast(result.GetValue(count));
            foreach (HistoryEntry entry in last)
                host.Out.WriteLine(result.GetValue(json) ? Encoding.UTF8.GetString(entry.ToLine()).TrimEnd('\n') : Line(entry));
        });
        return command;
    }

    private static string Line(HistoryEntry entry)
    {
        string time = entry.Time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        string names = string.Join(", ", entry.Names.Select(HumanText.Safe));
        string place = entry.Destination is { } folder ? $" to {HumanText.Safe(folder)}" : string.Empty;
        string verb = entry.Role == PeerRole.Send ? "sent" : "received";
        return $"{time}  {verb,-8}  {HumanText.Safe(entry.Result),-21}  {HumanText.Count(entry.Files, "file")}, {HumanText.Size(entry.Bytes)}  {names}{place}";
    }
}
