namespace P2PCopy.Cmdlets;

/// <summary>
/// The result for one file. It has FullName and PSPath but no Path, because Get-FileHash and Copy-Item would use Path as a wildcard
/// and find no file with brackets in its name.
/// </summary>
public sealed class P2PFileResult
{
    internal P2PFileResult(string name, string status, P2PTransferResult transfer)
    {
        Name = name;
        Status = status;
        Transfer = transfer;
    }

    /// <summary>The name at the destination, with / between parts.</summary>
    public string Name { get; }

    /// <summary>The result: Copied, Unchanged, Skipped, Failed or Unconfirmed. It is text, so that JSON has the name.</summary>
    public string Status { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; internal init; }

    /// <summary>The full local path: the source when sending, the destination when receiving.</summary>
    public string? FullName { get; internal init; }

    /// <summary>The full local path in the form of PowerShell's providers.</summary>
    public string? PSPath => FullName is null ? null : @"Microsoft.PowerShell.Core\FileSystem::" + FullName;

    /// <summary>SHA-256 of the content, as Get-FileHash prints it; empty if there is none.</summary>
    public string? Hash { get; internal init; }

    /// <summary>SHA256; empty without a hash.</summary>
    public string? Algorithm => Hash is null ? null : "SHA256";

    /// <summary>The error id of a failed file.</summary>
    public string? ErrorId { get; internal init; }

    /// <summary>The reason of a failed file.</summary>
    public string? Message { get; internal init; }

    /// <summary>What to do about a failed file; empty if there is no advice.</summary>
    public string? Hint { get; internal init; }

    /// <summary>The transfer, one object for all its files. It is complete when the transfer has ended.</summary>
    public P2PTransferResult Transfer { get; }

    /// <inheritdoc/>
    public override string ToString() => FullName ?? Name;
}
