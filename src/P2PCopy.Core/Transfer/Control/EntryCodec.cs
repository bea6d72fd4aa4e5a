using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Session.Messages;

namespace P2PCopy.Transfer.Control;

/// <summary>Converts manifest entries to and from the wire. Names are checked later, where they are used.</summary>
internal static class EntryCodec
{
    public static OfferedEntry Encode(ManifestEntry entry) => new()
    {
        Name = entry.Name,
        Kind = (int)entry.Kind,
        Length = entry.Length,
        Modified = entry.Modified.Ticks - DateTime.UnixEpoch.Ticks,
        Mode = entry.Mode,
        ReadOnly = entry.ReadOnly,
        LinkTarget = entry.LinkTarget,
        Allocated = entry.Allocated,
    };

    public static ManifestEntry Decode(OfferedEntry entry)
    {
        if ((entry.Kind != 0 && entry.Length < 0) || (entry.Kind == 2) != (entry.LinkTarget is not null))
            throw new P2PException(P2PErrorCode.ProtocolError, "The other side offered an entry whose fields contradict each other.") { Hint = ProtocolErrors.SameRelease };

        return new ManifestEntry(
            entry.Name,
            (EntryKind)entry.Kind,
            entry.Kind == 0 ? entry.Length : 0,
            new DateTime(entry.Modified + DateTime.UnixEpoch.Ticks, DateTimeKind.Utc),
            entry.Mode & (int)FileSystem.AllPermissions, // no set-user-id, set-group-id or sticky bit from a peer
            entry.ReadOnly,
            entry.LinkTarget)
        {
            Allocated = entry.Allocated,
        };
    }
}
