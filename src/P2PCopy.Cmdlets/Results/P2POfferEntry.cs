namespace P2PCopy.Cmdlets;

/// <summary>One file, folder or link of an offer.</summary>
public sealed class P2POfferEntry
{
    internal P2POfferEntry(string name, string kind)
    {
        Name = name;
        Kind = kind;
    }

    /// <summary>The name at the destination, / between parts.</summary>
    public string Name { get; }

    /// <summary>File, Folder or Link.</summary>
    public string Kind { get; }

    /// <summary>Bytes of a file; empty when unknown, and for others.</summary>
    public long? Length { get; internal init; }

    /// <summary>The modification time, local; empty for data from the pipeline.</summary>
    public DateTime? LastWriteTime { get; internal init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
