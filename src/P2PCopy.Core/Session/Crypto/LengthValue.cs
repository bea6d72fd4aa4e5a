using System.Buffers.Binary;
using System.Text;

namespace P2PCopy.Session.Crypto;

/// <summary>
/// <c>lv_cat</c> of draft-irtf-cfrg-cpace, appendix A.1: each part follows its length in LEB128, so that different
/// lists of parts give different bytes.
/// </summary>
internal static class LengthValue
{
    // Arrays and not spans: for a span of references the compiler uses framework generics that are compiled at run time.
    /// <summary>Concatenates byte strings.</summary>
    public static byte[] Concat(params byte[][] parts)
    {
        int length = 0;
        foreach (byte[] part in parts)
            length += PrefixLength(part.Length) + part.Length;
        byte[] result = new byte[length];
        int at = 0;
        foreach (byte[] part in parts)
        {
            int rest = part.Length;
            while (rest >= 0x80)
            {
                result[at++] = (byte)(rest | 0x80);
                rest >>= 7;
            }

            result[at++] = (byte)rest;
            part.CopyTo(result, at);
            at += part.Length;
        }

        return result;
    }

    /// <summary>A string as a part.</summary>
    public static byte[] Part(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A number as a part of four bytes, big-endian.</summary>
    public static byte[] Part(int number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    /// <summary>The size of the length prefix of a part of <paramref name="length"/> bytes.</summary>
    public static int PrefixLength(int length)
    {
        int bytes = 1;
        while ((length >>= 7) != 0)
            bytes++;
        return bytes;
    }
}
