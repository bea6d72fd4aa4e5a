using System.Numerics;

namespace P2PCopy.Session.Messages;

/// <summary>
/// The lengths that the payloads of encrypted records have on the wire (docs/protocol.md §6): Padmé ("Reducing Metadata Leakage
/// from Encrypted Files", PoPETs 2019) in steps of at least 256 bytes. A relay sees a class instead of the length.
/// </summary>
internal static class LengthClass
{
    /// <summary>The smallest step and, but for control messages, the smallest class, in bytes.</summary>
    public const int Step = 256;

    /// <summary>
    /// The smallest class of a control message. Messages that only say that all is well have it, whatever their numbers are; a
    /// message with a name is longer.
    /// </summary>
    public const int LeastControl = 96;

    /// <summary>The class of a control message.</summary>
    /// <param name="length">Bytes of the message as it is sent, at least 0.</param>
    public static int OfControl(int length) => length <= LeastControl ? LeastControl : Of(length);

    /// <summary>The class of a payload: at least its length. Above 8 KiB it is at most 7 % longer, above 64 KiB at most 4 %.</summary>
    /// <param name="length">Bytes of the payload, at least 0.</param>
    public static int Of(int length)
    {
        if (length <= Step)
            return Step;
        int exponent = BitOperations.Log2((uint)length);
        int step = Math.Max(Step, 1 << (exponent - BitOperations.Log2((uint)exponent) - 1));
        return checked((length + step - 1) / step * step);
    }
}
