using P2PCopy.Cmdlets.Services;

namespace P2PCopy.Cmdlets;

/// <summary>A service of this machine, with everything that was created for it, or that -WhatIf would create.</summary>
public sealed class P2PService
{
    internal P2PService(string name, ServicePlan plan)
    {
        Name = name;
        ScriptPath = plan.ScriptPath;
        Script = plan.Script;
        DefinitionPath = plan.DefinitionPath;
        Definition = plan.Definition;
        SocketDefinitionPath = plan.Sockets?.Path;
        SocketDefinition = plan.Sockets?.Text;
        Folders = [.. plan.Folders];
        Commands = [.. plan.Register.Select(step => step.ToString())];
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The script that it runs.</summary>
    public string ScriptPath { get; }

    /// <summary>The text of the script.</summary>
    public string Script { get; }

    /// <summary>The definition of the service for the operating system.</summary>
    public string DefinitionPath { get; }

    /// <summary>The text of the definition.</summary>
    public string Definition { get; }

    /// <summary>The definition of the sockets that the operating system holds open for the service; null without any.</summary>
    public string? SocketDefinitionPath { get; }

    /// <summary>The text of the definition of the sockets; null without any.</summary>
    public string? SocketDefinition { get; }

    /// <summary>Folders that are created.</summary>
    public string[] Folders { get; }

    /// <summary>The programs that register and start it, in their order.</summary>
    public string[] Commands { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
