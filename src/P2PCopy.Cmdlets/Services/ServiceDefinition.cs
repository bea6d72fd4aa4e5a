namespace P2PCopy.Cmdlets.Services;

/// <summary>A service, independent of the operating system. All paths are full paths.</summary>
internal sealed record ServiceDefinition
{
    /// <summary>Its name: lower-case letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>Its description for an administrator.</summary>
    public required string Description { get; init; }

    /// <summary>The cmdlet that registers it.</summary>
    public required string RegisteredBy { get; init; }

    /// <summary>The pipeline that it runs; <c>@arguments</c> is replaced with its parameters.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The program <c>pwsh</c>.</summary>
    public required string PowerShell { get; init; }

    /// <summary>The module to import.</summary>
    public required string Module { get; init; }

    /// <summary>The folder for the script, and for the definition if the system does not prescribe one.</summary>
    public required string Folder { get; init; }

    /// <summary>The folder for log files; the service may write there.</summary>
    public required string LogFolder { get; init; }

    /// <summary>The parameters and their values.</summary>
    public IReadOnlyList<KeyValuePair<string, object>> Arguments { get; init; } = [];

    /// <summary>The parameters whose values are secret files.</summary>
    public IReadOnlyList<SecretArgument> Secrets { get; init; } = [];

    /// <summary>The account of the service; null for the one of the system.</summary>
    public string? Account { get; init; }

    /// <summary>A folder besides the one for logs in which the service writes; null without one.</summary>
    public string? Destination { get; init; }

    /// <summary>
    /// Addresses that a system which can holds open for the service, so that a restart refuses no client; it passes them as sockets.
    /// </summary>
    public IReadOnlyList<string> Sockets { get; init; } = [];

    /// <summary>Ports that the firewall of Windows should open.</summary>
    public IReadOnlyList<int> FirewallPorts { get; init; } = [];

    /// <summary>Time in seconds for the service to end when it is stopped.</summary>
    public int StopSeconds { get; init; } = 45;
}
