using P2PCopy.Session.Messages;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Scenarios;

/// <summary>
/// A peer that knows the code and means harm: its records are changed before they are sealed, so they are authentic and wrong.
/// <c>SecureLink</c> of the simulation passes every record through <see cref="Of"/>.
/// </summary>
internal static class Hostility
{
    private const int HeaderLength = 18; // type, number, form, two lengths

    private static readonly string[] Numbers = ["0", "1", "-1", "2", "63", "255", "1024", "65536", "2147483647", "9223372036854775807"];

    private static bool IsContentSealed;

    /// <summary>Whether the message that is sent now is a chunk. To be called at the beginning of each message.</summary>
    public static bool TakeContent()
    {
        bool isContent = IsContentSealed;
        IsContentSealed = false;
        return isContent;
    }

    /// <summary>The record that is sent instead of another one.</summary>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> record)
    {
        IsContentSealed = record.Span[0] == (byte)RecordType.Chunk;
        if (SimProcess.Current is not { HostilePercent: > 0 and var percent } || !Universe.Current.Chance.Percent(percent))
            return record;
        Chance chance = Universe.Current.Chance;
        byte[] changed = record.ToArray();
        int content = changed[0] == (byte)RecordType.Control ? HeaderLength : 1;
        if (changed[0] == (byte)RecordType.Control && chance.Percent(70) && ChangeText(chance, changed))
        {
            // A number or a word of the message is another one now.
        }
        else if (chance.Percent(20) && changed.Length > 1)
        {
            changed = changed[..chance.Between(1, changed.Length - 1)];
        }
        else if (chance.Percent(10))
        {
            changed[0] = (byte)chance.Between(1, 5);
        }
        else
        {
            for (int count = chance.Between(1, 3); count > 0; count--)
            {
                int at = chance.Percent(50) ? chance.Below(Math.Min(changed.Length, content + 24)) : chance.Below(changed.Length);
                changed[Math.Max(1, at) % changed.Length] = chance.Of((byte)0, (byte)0xFF, (byte)0x80, (byte)chance.Below(256));
            }
        }

        Universe.Current.Trace.Add("hostile", $"{(RecordType)record.Span[0]} of {record.Length} bytes");
        return changed;
    }

    // Replaces one number of the JSON; the rest moves, and the padding takes the difference.
    private static bool ChangeText(Chance chance, byte[] record)
    {
        int length = BitConverter.ToInt32([record[17], record[16], record[15], record[14]]);
        if (record[9] != 0 || length <= 0 || HeaderLength + length > record.Length)
            return false;
        string text = System.Text.Encoding.Latin1.GetString(record, HeaderLength, length);
        int[] starts = [.. Enumerable.Range(1, text.Length - 1).Where(i => char.IsAsciiDigit(text[i]) && !char.IsAsciiDigit(text[i - 1]))];
        if (starts.Length == 0)
            return false;
        int start = starts[chance.Below(starts.Length)], end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        string changed = text[..start] + chance.Of(Numbers) + text[end..];
        if (HeaderLength + changed.Length > record.Length)
            return false;
        record.AsSpan(HeaderLength).Clear();
        System.Text.Encoding.Latin1.GetBytes(changed).CopyTo(record, HeaderLength);
        foreach (int at in (ReadOnlySpan<int>)[10, 14])
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(record.AsSpan(at), changed.Length);
        return true;
    }
}
