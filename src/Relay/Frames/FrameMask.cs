using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace P2PCopy.Relay.Frames;

/// <summary>The masking of client frames (RFC 6455, section 5.3).</summary>
internal static class FrameMask
{
    /// <summary>
    /// Writes <paramref name="source"/> without its mask to <paramref name="destination"/>, which may be the same memory or begin
    /// before it: each vector is read before its memory is written.
    /// </summary>
    /// <param name="source">Masked bytes.</param>
    /// <param name="destination">At least as long.</param>
    /// <param name="key">The masking key as a little-endian number, rotated so that its lowest byte belongs to the first byte.</param>
    /// <returns>The key, rotated for the next byte.</returns>
    public static uint Unmask(ReadOnlySpan<byte> source, Span<byte> destination, uint key)
    {
        int i = 0;
        if (source.Length >= Vector<byte>.Count)
        {
            Vector<byte> keys = Vector.AsVectorByte(new Vector<uint>(BitConverter.IsLittleEndian ? key : BinaryPrimitives.ReverseEndianness(key)));
            ref byte from = ref MemoryMarshal.GetReference(source);
            ref byte to = ref MemoryMarshal.GetReference(destination[..source.Length]);
            for (; i <= source.Length - Vector<byte>.Count; i += Vector<byte>.Count)
                (Vector.LoadUnsafe(ref from, (nuint)i) ^ keys).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < source.Length; i++)
            destination[i] = (byte)(source[i] ^ (byte)(key >> ((i & 3) * 8)));
        return BitOperations.RotateRight(key, (source.Length & 3) * 8);
    }
}
