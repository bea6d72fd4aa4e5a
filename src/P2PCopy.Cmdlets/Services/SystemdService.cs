using System.Globalization;
using System.Net;

namespace P2PCopy.Cmdlets.Services;

/// <summary>A service as a unit of systemd. Its sandbox is the one of deploy/systemd.</summary>
internal static class SystemdService
{
    private const string Root = "/etc/systemd/system/";
    private const string StreamEntry = "ListenStream=";
    private const string StateRoot = "/var/lib/";
    private const string LogRoot = "/var/log/";

    public static ServicePlan Plan(ServiceDefinition service)
    {
        string unit = service.Name + ".service", socket = service.Name + ".socket";
        string[] units = service.Sockets.Count > 0 ? [socket, unit] : [unit];
        string script = $"{service.Folder}/{service.Name}.ps1";
        return new ServicePlan
        {
            ScriptPath = script,
            Script = ServiceScript.Text(service, secret => $"\"$env:CREDENTIALS_DIRECTORY/{secret.Id}\""),
            DefinitionPath = Root + unit,
            Definition = Unit(service, script),
            Sockets = service.Sockets.Count > 0 ? (Root + socket, SocketUnit(service)) : null,
            Folders = [service.Folder],
            Register = [ServiceStep.Of("systemctl", "daemon-reload"), ServiceStep.Of(["systemctl", "enable", .. units]), ServiceStep.Of(["systemctl", "restart", .. units])],
            Unregister = [ServiceStep.Of(["systemctl", "disable", "--now", .. units])],
            AfterRemoval = [ServiceStep.Of("systemctl", "daemon-reload"), ServiceStep.Try("systemctl", "reset-failed", unit)],
        };
    }

    /// <summary>The folder of the system for this path, as systemd creates it for a service; null if it is elsewhere.</summary>
    public static string? OwnFolder(string root, string path)
        => path.StartsWith(root, StringComparison.Ordinal) && path.Length > root.Length && !path[root.Length..].Contains('/', StringComparison.Ordinal) ? path[root.Length..] : null;

    private static string Unit(ServiceDefinition service, string script)
    {
        List<string> lines =
        [
            $"# Written by {service.RegisteredBy}.",
            "[Unit]",
            $"Description={Escape(service.Description)}",
            .. service.Sockets.Count > 0 ? [$"Requires={service.Name}.socket", $"After=network-online.target {service.Name}.socket"] : new[] { "After=network-online.target" },
            "Wants=network-online.target",
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            "Type=exec",
            $"ExecStart={Word(service.PowerShell)} -NoProfile -NonInteractive -File {Word(script)}",
            .. service.Secrets.Select(secret => $"LoadCredential={secret.Id}:{Escape(secret.Path)}"),
            "Restart=on-failure",
            // Clients wait in the socket meanwhile.
            service.Sockets.Count > 0 ? "RestartSec=1" : "RestartSec=10",
            "KillSignal=SIGTERM",
            string.Create(CultureInfo.InvariantCulture, $"TimeoutStopSec={service.StopSeconds}"),
            "",
            .. service.Account is { } account ? [$"User={Escape(account)}"] : new[] { "DynamicUser=yes" },
            $"CacheDirectory={service.Name}",
            .. service.Destination is { } own && OwnFolder(StateRoot, own) is { } state ? [$"StateDirectory={state}", "StateDirectoryMode=0700"] : Array.Empty<string>(),
            .. OwnFolder(LogRoot, service.LogFolder) is { } logs ? [$"LogsDirectory={logs}"] : new[] { $"ReadWritePaths={Word(service.LogFolder)}" },
            .. service.Destination is { } other && OwnFolder(StateRoot, other) is null ? [$"ReadWritePaths={Word(other)}"] : Array.Empty<string>(),
            "UMask=0077",
            "LimitNOFILE=65536",
            $"Environment=HOME=/var/cache/{service.Name} POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off DOTNET_gcServer=0 DOTNET_EnableDiagnostics=0",
            "",
            .. service.Sockets.Count > 0 ? ["CapabilityBoundingSet="] : new[] { "AmbientCapabilities=CAP_NET_BIND_SERVICE", "CapabilityBoundingSet=CAP_NET_BIND_SERVICE" },
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "ProtectHome=yes",
            "ProtectClock=yes",
            "ProtectControlGroups=yes",
            "ProtectHostname=yes",
            "ProtectKernelLogs=yes",
            "ProtectKernelModules=yes",
            "ProtectKernelTunables=yes",
            "PrivateDevices=yes",
            "PrivateTmp=yes",
            "RemoveIPC=yes",
            "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
            "RestrictNamespaces=yes",
            "RestrictRealtime=yes",
            "RestrictSUIDSGID=yes",
            "LockPersonality=yes",
            "SystemCallArchitectures=native",
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        ];
        return string.Join('\n', lines);
    }

    /// <summary>The sockets of a service that this cmdlet has registered; none if systemd holds none for it.</summary>
    public static IReadOnlyList<string> SocketsOf(string name, string registeredBy)
    {
        string file = $"{Root}{name}.socket";
        return OperatingSystem.IsLinux() && File.Exists(file) && File.ReadAllLines(file) is [{ } first, .. { } rest] && first.StartsWith($"# Written by {registeredBy}.", StringComparison.Ordinal)
            ? [.. rest.Where(l => l.StartsWith(StreamEntry, StringComparison.Ordinal)).Select(l => l[StreamEntry.Length..])]
            : [];
    }

    /// <summary>The value of ListenStream= for a listen address of a relay; null if there is none.</summary>
    public static string? Stream(string listen)
    {
        int colon = listen.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(listen[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is 0 or > ushort.MaxValue)
            return null;
        string host = listen[..colon];
        return host == "*" ? port.ToString(CultureInfo.InvariantCulture)
            : host == "localhost" ? string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")
            : IPAddress.TryParse(host, out _) ? listen
            : null;
    }

    private static string SocketUnit(ServiceDefinition service) => string.Join('\n',
    [
        $"# Written by {service.RegisteredBy}. systemd keeps the port open while the service restarts, so no client is refused.",
        "[Unit]",
        $"Description=Port of {Escape(service.Description)}",
        "",
        "[Socket]",
        .. service.Sockets.Select(s => StreamEntry + s),
        "Backlog=1024",
        "NoDelay=yes",
        "",
        "[Install]",
        "WantedBy=sockets.target",
        "",
    ]);

    // A word of a command or a path: systemd splits at spaces, unescapes backslashes and expands % and, in commands, $.
    private static string Word(string text)
    {
        string escaped = Escape(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return escaped.AsSpan().ContainsAny(" \"\\'") ? $"\"{escaped}\"" : escaped;
    }

    private static string Escape(string text) => text.Replace("%", "%%", StringComparison.Ordinal);
}
