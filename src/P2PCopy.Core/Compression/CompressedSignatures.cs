namespace P2PCopy.Compression;

/// <summary>The first bytes of compressed files. A signature is only a hint; the content is also sampled.</summary>
internal static class CompressedSignatures
{
    /// <summary>Whether a file that begins with these bytes is probably compressed.</summary>
    public static bool Match(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12)
            return false;
        return head[0] switch
        {
            0x1F => head[1] is 0x8B or 0x9D, // gzip, compress
            (byte)'P' => head.StartsWith("PK\x03\x04"u8), // zip, docx, jar
            0x28 => head[..4].SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]), // zstd
            0xFD => head[..6].SequenceEqual((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]), // xz
            (byte)'7' => head[..6].SequenceEqual((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C]), // 7z
            (byte)'B' => head.StartsWith("BZh"u8), // bzip2
            0x04 => head[..4].SequenceEqual((ReadOnlySpan<byte>)[0x04, 0x22, 0x4D, 0x18]), // lz4
            (byte)'R' => head.StartsWith("Rar!"u8) || (head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WEBP"u8)),
            0xFF => head[1] == 0xD8 || (head[1] & 0xE6) == 0xE2, // JPEG, MP3
            0x89 => head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']),
            (byte)'G' => head.StartsWith("GIF8"u8),
            (byte)'I' => head.StartsWith("ID3"u8), // MP3
            (byte)'O' => head.StartsWith("OggS"u8),
            (byte)'f' => head.StartsWith("fLaC"u8),
            0x1A => head[..4].SequenceEqual((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]), // Matroska, WebM
            _ => head[4..8].SequenceEqual("ftyp"u8), // MP4, MOV, HEIC, AVIF
        };
    }
}
