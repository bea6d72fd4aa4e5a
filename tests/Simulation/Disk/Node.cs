using System.Security.Cryptography;
using P2PCopy.Files.Platform;

namespace P2PCopy.Simulation.Disk;

/// <summary>A file, folder or link of the simulated disk.</summary>
internal sealed class Node(MemoryDisk disk, FileStatKind kind, UnixFileMode mode, ulong inode)
{
    private List<PendingWrite>? _pending;
    private byte[] _durable = [];

    public FileStatKind Kind => kind;

    public ulong Inode => inode;

    public UnixFileMode Mode { get; set; } = mode;

    public DateTime Modified { get; set; } = disk.Now;

    public DateTime Changed { get; set; } = disk.Now;

    public uint Links { get; set; } = 1;

    public string? Target { get; init; }

    /// <summary>The entries of a folder, in the order of their names.</summary>
    public SortedDictionary<string, Node>? Children { get; } = kind == FileStatKind.Folder ? new(StringComparer.Ordinal) : null;

    /// <summary>The content of a file.</summary>
    public byte[] Data { get; private set; } = [];

    public int Length { get; private set; }

    /// <summary>The open file that holds the lock.</summary>
    public OpenFile? Lock { get; set; }

    /// <summary>What has happened to the names of this folder since they were last written to the disk.</summary>
    public List<Action> Undo { get; } = [];

    public ReadOnlySpan<byte> Content => Data.AsSpan(0, Length);

    public FileStat Stat() => new(kind, kind == FileStatKind.File ? Length : 0, Modified, Mode, false, 1, inode)
    {
        Owner = 1000,
        Links = Links,
        Allocated = Length,
        Changed = Changed,
    };

    public void Write(ReadOnlySpan<byte> data, int offset)
    {
        Apply(data, offset);
        (_pending ??= []).Add(new PendingWrite(offset, data.ToArray(), -1));
        Touch();
    }

    public void SetLength(int length)
    {
        Resize(length);
        (_pending ??= []).Add(new PendingWrite(0, [], length));
        Touch();
    }

    /// <summary>The content is on the disk.</summary>
    public void Flush()
    {
        _durable = Content.ToArray();
        _pending = null;
    }

    /// <summary>What a power cut leaves of the content: what was flushed, and any part of what was written since.</summary>
    public void LosePower(World.Chance chance)
    {
        Lock = null;
        if (_pending is not { } pending)
            return;
        Data = [.. _durable];
        Length = _durable.Length;
        int kept = chance.Of(0, 50, 90, 100);
        foreach (PendingWrite write in pending)
        {
            if (!chance.Percent(kept))
            {
                // The length may be known to the disk although the data is not.
                if (write.Length < 0 && chance.Percent(50))
                    Resize(Math.Max(Length, write.Offset + write.Data.Length));
            }
            else if (write.Length >= 0)
            {
                Resize(write.Length);
            }
            else
            {
                Apply(chance.Percent(20) ? write.Data.AsSpan(0, chance.Below(write.Data.Length + 1)) : write.Data, write.Offset);
            }
        }

        Flush();
    }

    public string Digest() => Length + ":" + Convert.ToHexString(SHA256.HashData(Content), 0, 8);

    private void Apply(ReadOnlySpan<byte> data, int offset)
    {
        if (offset + data.Length > Length)
            Resize(offset + data.Length);
        data.CopyTo(Data.AsSpan(offset));
    }

    private void Resize(int length)
    {
        if (length > Data.Length)
        {
            byte[] larger = new byte[Math.Max(length, Data.Length * 2)];
            Content.CopyTo(larger);
            Data = larger;
        }
        else if (length < Length)
        {
            Data.AsSpan(length, Length - length).Clear();
        }

        Length = length;
    }

    private void Touch()
    {
        Modified = disk.Now;
        Changed = disk.Now;
    }

    private readonly record struct PendingWrite(int Offset, byte[] Data, int Length);
}
