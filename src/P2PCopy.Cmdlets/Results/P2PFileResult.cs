namespace P2PCopy.Cmdlets;

/// <summary>
/// What became of one file. It has FullName and PSPath and, on purpose, no Path: with both, Get-FileHash and Copy-Item
/// would take Path for a wildcard and find nothing for a name with brackets.
/// </summary>
public sealed class P2PFileResult
{
    internal P2PFileResult(string name, P2PFileStatus status)
    {
        Name = name;
        Status = status;
    }

    /// <summary>The name both sides know it by, / between parts.</summary>
    public string Name { get; }

    /// <summary>What became of it.</summary>
    public P2PFileStatus Status { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; internal init; }

    /// <summary>The full local path: the source when sending, the destination when receiving.</summary>
    public string? FullName { get; internal init; }

    /// <summary>The same for PowerShell's providers.</summary>
    public string? PSPath => FullName is null ? null : @"Microsoft.PowerShell.Core\FileSystem::" + FullName;

    /// <summary>Of the content, as Get-FileHash prints it; empty when there is none.</summary>
    public string? Hash { get; internal init; }

    /// <summary>SHA256, or empty without a hash.</summary>
    public string? Algorithm => Hash is null ? null : "SHA256";

    /// <summary>The error id of a file that failed.</summary>
    public string? ErrorId { get; internal init; }

    /// <summary>Why it failed.</summary>
    public string? Message { get; internal init; }

    /// <inheritdoc/>
    public override string ToString() => FullName ?? Name;
}
