using System.Text;

namespace P2PCopy.Cmdlets.Services;

/// <summary>Everything that registering a service creates and runs, and everything that removes it.</summary>
internal sealed record ServicePlan
{
    /// <summary>The script that the service runs.</summary>
    public required string ScriptPath { get; init; }

    /// <summary>The text of the script.</summary>
    public required string Script { get; init; }

    /// <summary>The definition of the service.</summary>
    public required string DefinitionPath { get; init; }

    /// <summary>The text of the definition.</summary>
    public required string Definition { get; init; }

    /// <summary>The encoding of the definition.</summary>
    public Encoding DefinitionEncoding { get; init; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>The definition of the sockets that the system holds open for the service; null without any.</summary>
    public (string Path, string Text)? Sockets { get; init; }

    /// <summary>Folders to create.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>The programs that register and start the service, after the files are written.</summary>
    public IReadOnlyList<ServiceStep> Register { get; init; } = [];

    /// <summary>The programs that stop and remove the service, before the files are deleted.</summary>
    public IReadOnlyList<ServiceStep> Unregister { get; init; } = [];

    /// <summary>The programs that run after the files are deleted.</summary>
    public IReadOnlyList<ServiceStep> AfterRemoval { get; init; } = [];
}
