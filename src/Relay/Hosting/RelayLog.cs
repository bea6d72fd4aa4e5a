using System.Globalization;
using System.Text;
using System.Text.Json;
using P2PCopy.Relay.Http;
using P2PCopy.Relay.Rooms;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Hosting;

/// <summary>
/// Log lines without what could hurt anybody: no token, of a room only the first four characters, of an address only
/// its network unless asked.
/// </summary>
internal sealed class RelayLog(RelayOptions options)
{
    private const int ShownOfRoom = 4;

    private readonly Lock _lock = new();

    public void Started(IEnumerable<Uri> addresses) => Write("started", ("addresses", string.Join(' ', addresses)));

    public void Stopping(int members) => Write("stopping", ("members", Number(members)));

    public void Stopped() => Write("stopped");

    public void Joined(JoinRequest join, PeerAddress client, RoomPlacement placement)
        => Write(placement.Partner is null ? "waiting" : "paired", ("room", Shown(join)), ("role", RoleOf(join)), ("client", Shown(client)));

    public void Left(JoinRequest join, PeerAddress client, Member member)
        => Write(
            "left",
            ("room", Shown(join)),
            ("role", RoleOf(join)),
            ("client", Shown(client)),
            ("bytes", Number(member.Session?.Bytes ?? 0)),
            ("outcome", member.Outcome));

    public void Refused(Refusal refusal, PeerAddress client)
        => Write("refused", ("client", Shown(client)), ("status", Number(refusal.Status)), ("reason", refusal.Kind));

    public void Reloaded(string what, Exception? problem)
        => Write(problem is null ? "reloaded" : "reload-failed", ("what", what), ("problem", problem?.Message ?? string.Empty));

    public void AcceptFailed(Exception problem) => Write("accept-failed", ("problem", problem.Message));

    private static string Shown(JoinRequest join) => join.Room[..ShownOfRoom];

    private static string RoleOf(JoinRequest join) => join.Role == PeerRole.Send ? "send" : "receive";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private string Shown(PeerAddress client) => options.LogAddresses ? client.ToString() : client.Shown;

    private void Write(string happened, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        if (options.Log is not { } log)
            return;
        string time = options.TimeProvider.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var line = new StringBuilder();
        if (options.LogFormat == RelayLogFormat.Json)
        {
            line.Append(CultureInfo.InvariantCulture, $"{{\"time\":\"{time}\",\"event\":\"{happened}\"");
            foreach ((string name, string value) in fields)
                line.Append(CultureInfo.InvariantCulture, $",\"{name}\":\"{JsonEncodedText.Encode(value)}\"");
            line.Append('}');
        }
        else
        {
            line.Append(CultureInfo.InvariantCulture, $"{time} {happened}");
            foreach ((string name, string value) in fields)
            {
                if (value.Length > 0)
                    line.Append(CultureInfo.InvariantCulture, $" {name}={(value.Contains(' ', StringComparison.Ordinal) ? '"' + RelayProtocol.Printable(value).Replace('"', '\'') + '"' : value)}");
            }
        }

        lock (_lock)
            log(line.ToString());
    }
}
