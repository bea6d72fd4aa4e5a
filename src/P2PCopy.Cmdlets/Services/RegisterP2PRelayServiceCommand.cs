using System.Globalization;
using System.Management.Automation;
using P2PCopy.Cmdlets.Services;

namespace P2PCopy.Cmdlets;

/// <summary>Registers a relay as a service of this machine and starts it.</summary>
[Cmdlet(VerbsLifecycle.Register, "P2PRelayService", SupportsShouldProcess = true)]
[OutputType(typeof(P2PService))]
public sealed class RegisterP2PRelayServiceCommand : RegisterServiceCommand
{
    internal const string CmdletName = "Register-P2PRelayService";
    internal const string DefaultName = "p2pcopy-relay";
    private const string UsualListen = "*:8765";
    private const string ActivatedListen = "systemd";
    private const string DrainTimeout = nameof(StartP2PRelayCommand.DrainTimeoutSeconds);

    internal const string NamePattern = "^[a-z][a-z0-9-]{0,49}$";

    // The drain of a relay, and some time to end.
    private const int StopSeconds = 45;

    // Get-P2PRelay and Stop-P2PRelay find the relay by this file.
    internal const string StateFile = "relay.json";

    /// <summary>The name of the service.</summary>
    [Parameter(Position = 0)]
    [ValidatePattern(NamePattern)]
    public string Name { get; set; } = DefaultName;

    /// <summary>Listen addresses; *:8765 by default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ListenCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Listen { get; set; }

    /// <summary>Separate listen address for /metrics.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ListenCompleter))]
    [ValidateNotNullOrEmpty]
    public string? MetricsListen { get; set; }

    /// <summary>PEM file of the certificate chain.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Certificate { get; set; }

    /// <summary>PEM file of the private key.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Key { get; set; }

    /// <summary>File of tokens that only administrators and the service can read.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TokenFile { get; set; }

    /// <summary>Adds a rule to the firewall of Windows for each port of Listen.</summary>
    [Parameter]
    public SwitchParameter OpenFirewall { get; set; }

    private protected override Type Cmdlet => typeof(StartP2PRelayCommand);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        string folder = new PathResolver(this).Option(LogFolder, "-LogFolder") ?? ServiceFolders.Logs(Name);
        string separator = OperatingSystem.IsWindows() ? @"\" : "/";
        string[] sockets = Sockets();
        if (sockets.Length == 0 && SystemdService.SocketsOf(Name, RegisteredBy).Count > 0)
            throw Invalid($"The service {Name} has a socket unit, which holds its port.", Name, "Run Unregister-P2PRelayService first.");
        Register(Define(
            Name, "P2PCopy relay",
            $"Start-P2PRelay @arguments | ForEach-Object {{ ConvertTo-Json $_ -Depth 3 | Set-Content -LiteralPath (Join-Path $log '{StateFile}') }}",
            [
                ("Listen", sockets.Length > 0 ? [ActivatedListen] : Listen), ("MetricsListen", MetricsListen), ("LogPath", folder + separator + "relay.log"), ("LogFormat", "Json"),
                // Clients that join while the relay restarts wait in the socket, so running pairs continue through the next process at once.
                (DrainTimeout, sockets.Length > 0 && Parameters?.ContainsKey(DrainTimeout) != true ? 0 : null),
            ]) with
        {
            Sockets = sockets,
            // A certificate is no secret, but a key in the same file is.
            Secrets = [.. Secret(Certificate, "Certificate", "certificate.pem", isSecret: Key is null), .. Secret(Key, "Key", "key.pem"), .. Secret(TokenFile, "TokenFile", "tokens")],
            FirewallPorts = OpenFirewall ? [.. (Listen ?? [UsualListen]).Select(Port).OfType<int>()] : [],
            StopSeconds = StopSeconds,
        });
    }

    // systemd holds the port, so a restart refuses no client. It cannot for a free port or a Unix socket.
    private string[] Sockets()
    {
        string[] addresses = OperatingSystem.IsLinux() ? Listen ?? [UsualListen] : [];
        string[] streams = [.. addresses.Select(SystemdService.Stream).OfType<string>()];
        return streams.Length == addresses.Length ? streams : [];
    }

    private static int? Port(string address)
        => int.TryParse(address[(address.LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port > 0 ? port : null;
}
