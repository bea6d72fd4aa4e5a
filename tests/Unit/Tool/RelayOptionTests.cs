using System.CommandLine;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tests.Unit.Tool;

public class RelayOptionTests
{
    private static readonly Dictionary<string, (string[] Arguments, object Expected)> AllOptions = new()
    {
        [nameof(RelayOptions.Listen)] = (["--listen", "127.0.0.1:1", "--listen", "unix:/s"], new[] { "127.0.0.1:1", "unix:/s" }),
        [nameof(RelayOptions.Certificate)] = (["--certificate", "c.pem"], "c.pem"),
        [nameof(RelayOptions.Key)] = (["--key", "k.pem"], "k.pem"),
        [nameof(RelayOptions.MetricsListen)] = (["--metrics-listen", "127.0.0.1:2"], "127.0.0.1:2"),
        [nameof(RelayOptions.Token)] = (["--token", "t"], new Secret("t")),
        [nameof(RelayOptions.TokenFile)] = (["--token-file", "f"], "f"),
        [nameof(RelayOptions.AllowedAddresses)] = (["--allowed-addresses", "192.0.2.0/24"], new[] { "192.0.2.0/24" }),
        [nameof(RelayOptions.TrustedProxies)] = (["--trusted-proxies", "unix"], new[] { "unix" }),
        [nameof(RelayOptions.ProxyProtocol)] = (["--proxy-protocol"], true),
        [nameof(RelayOptions.MaxHeadBytes)] = (["--max-head-bytes", "1025"], 1025),
        [nameof(RelayOptions.HeadTimeout)] = (["--head-timeout", "11"], TimeSpan.FromSeconds(11)),
        [nameof(RelayOptions.TlsTimeout)] = (["--tls-timeout", "12"], TimeSpan.FromSeconds(12)),
        [nameof(RelayOptions.MaxConnections)] = (["--max-connections", "13"], 13),
        [nameof(RelayOptions.MaxConnectionsPerAddress)] = (["--max-connections-per-address", "14"], 14),
        [nameof(RelayOptions.MaxJoinsPerMinutePerAddress)] = (["--max-joins-per-minute-per-address", "15"], 15),
        [nameof(RelayOptions.MaxJoinsPerMinutePerRoom)] = (["--max-joins-per-minute-per-room", "16"], 16),
        [nameof(RelayOptions.MaxWaitingRooms)] = (["--max-waiting-rooms", "17"], 17),
        [nameof(RelayOptions.WaitTimeout)] = (["--wait-timeout", "61"], TimeSpan.FromSeconds(61)),
        [nameof(RelayOptions.IdleTimeout)] = (["--idle-timeout", "62"], TimeSpan.FromSeconds(62)),
        [nameof(RelayOptions.SessionTimeout)] = (["--session-timeout", "63"], TimeSpan.FromSeconds(63)),
        [nameof(RelayOptions.MaxMessageBytes)] = (["--max-message-bytes", "1MiB"], 1L << 20),
        [nameof(RelayOptions.MaxBytesPerSession)] = (["--max-bytes-per-session", "2MiB"], 2L << 20),
        [nameof(RelayOptions.MaxBytesPerDay)] = (["--max-bytes-per-day", "3MiB"], 3L << 20),
        [nameof(RelayOptions.MaxRatePerSession)] = (["--max-rate-per-session", "4MiB"], 4L << 20),
        [nameof(RelayOptions.MaxRate)] = (["--max-rate", "5MiB"], 5L << 20),
        [nameof(RelayOptions.DrainTimeout)] = (["--drain-timeout", "18"], TimeSpan.FromSeconds(18)),
        [nameof(RelayOptions.ReconnectAfter)] = (["--reconnect-after", "19"], TimeSpan.FromSeconds(19)),
        [nameof(RelayOptions.LogAddresses)] = (["--log-addresses"], true),
    };

    [Fact]
    public void Every_relay_option_reaches_the_relay_and_nothing_else_changes()
    {
        Assert.Equal(
            typeof(RelayOptions).GetProperties(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance).Select(p => p.Name).Where(n => n != nameof(RelayOptions.OnEvent)).Order(),
            AllOptions.Keys.Order());
        var defaults = new RelayOptions();
        foreach ((string name, (string[] arguments, object expected)) in AllOptions)
        {
            RelayOptions applied = Apply(arguments);
            foreach (string property in AllOptions.Keys)
            {
                object? value = typeof(RelayOptions).GetProperty(property)!.GetValue(applied);
                Assert.Equal(property == name ? expected : typeof(RelayOptions).GetProperty(property)!.GetValue(defaults), value);
            }
        }
    }

    private static RelayOptions Apply(string[] arguments)
    {
        var table = new RelayOptionTable();
        var command = new Command("relay");
        table.AddTo(command);
        ParseResult result = command.Parse(arguments);
        Assert.Empty(result.Errors);
        return table.Apply(new RelayOptions(), result, ToolRun.SilentHost());
    }
}
