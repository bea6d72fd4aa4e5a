using System.Numerics;
using System.Runtime.InteropServices;

namespace P2PCopy.Session.Crypto;

/// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4).</summary>
internal static class Crc32C
{
    /// <summary>Extends <paramref name="checksum"/> by <paramref name="data"/>. The checksum of no data is 0.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> data)
    {
        uint state = ~checksum;
        if (BitConverter.IsLittleEndian)
        {
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data);
            foreach (ulong word in words)
                state = BitOperations.Crc32C(state, word);
            data = data[(words.Length * sizeof(ulong))..];
        }

        foreach (byte b in data)
            state = BitOperations.Crc32C(state, b);
        return ~state;
    }
}
