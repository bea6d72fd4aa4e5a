using System.Text.Json;

namespace P2PCopy.Transfer.Control;

/// <summary>
/// Reads and writes the members of control messages. A member that is missing, of another kind or out of its range is a
/// <see cref="JsonException"/>, <see cref="InvalidOperationException"/> or <see cref="FormatException"/>.
/// </summary>
internal static class ControlFields
{
    public static JsonElement? Find(this JsonElement owner, ReadOnlySpan<byte> name)
        => owner.TryGetProperty(name, out JsonElement value) ? value : null;

    public static JsonElement Member(this JsonElement owner, ReadOnlySpan<byte> name)
        => owner.Find(name) ?? throw new JsonException("A member of a message is missing.");

    /// <summary>A number from 0 to <paramref name="most"/>.</summary>
    public static long Number(this JsonElement owner, ReadOnlySpan<byte> name, long most)
        => Checked(owner.Member(name).GetInt64(), 0, most);

    /// <summary>A number from 0 to <paramref name="most"/>.</summary>
    public static int Number(this JsonElement owner, ReadOnlySpan<byte> name, int most) => (int)owner.Number(name, (long)most);

    /// <summary>A number that may be missing.</summary>
    public static long NumberOr(this JsonElement owner, ReadOnlySpan<byte> name, long otherwise, long least, long most)
        => owner.Find(name) is { } number ? Checked(number.GetInt64(), least, most) : otherwise;

    /// <summary>The number of the round, which every page has.</summary>
    public static int Round(this JsonElement page) => page.Number("round"u8, WireLimits.Rounds);

    /// <summary>The number of an entry.</summary>
    public static long Index(this JsonElement owner) => owner.Number("i"u8, WireLimits.Entries - 1);

    public static bool Flag(this JsonElement owner, ReadOnlySpan<byte> name) => owner.Member(name).GetBoolean();

    public static bool FlagOrFalse(this JsonElement owner, ReadOnlySpan<byte> name) => owner.Find(name)?.GetBoolean() ?? false;

    public static string Text(this JsonElement owner, ReadOnlySpan<byte> name)
        => owner.Member(name).GetString() ?? throw new JsonException("A member of a message is null.");

    public static string? TextOrNull(this JsonElement owner, ReadOnlySpan<byte> name) => owner.Find(name)?.GetString();

    /// <summary>A list of texts that may be missing.</summary>
    public static string[] TextsOrNone(this JsonElement owner, ReadOnlySpan<byte> name)
        => owner.Find(name) is null
            ? []
            : owner.List(name, text => text.GetString() ?? throw new JsonException("A text of a message is null."));

    /// <summary>A list of numbers from 0 to <paramref name="most"/>.</summary>
    public static long[] Numbers(this JsonElement numbers, long most)
    {
        long[] all = new long[numbers.GetArrayLength()];
        int count = 0;
        foreach (JsonElement number in numbers.EnumerateArray())
            all[count++] = Checked(number.GetInt64(), 0, most);
        return all;
    }

    public static T[] List<T>(this JsonElement owner, ReadOnlySpan<byte> name, Func<JsonElement, T> read)
        where T : class
    {
        JsonElement list = owner.Member(name);
        T[] all = new T[list.GetArrayLength()];
        int count = 0;
        foreach (JsonElement item in list.EnumerateArray())
            all[count++] = read(item);
        return all;
    }

    public static void Page(this Utf8JsonWriter json, int round, int page, bool last)
    {
        json.WriteNumber("round"u8, round);
        json.WriteNumber("page"u8, page);
        json.WriteBoolean("last"u8, last);
    }

    public static void NumberUnlessZero(this Utf8JsonWriter json, ReadOnlySpan<byte> name, long number)
    {
        if (number != 0)
            json.WriteNumber(name, number);
    }

    public static void FlagIfTrue(this Utf8JsonWriter json, ReadOnlySpan<byte> name, bool flag)
    {
        if (flag)
            json.WriteBoolean(name, flag);
    }

    public static void TextIfAny(this Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    public static void TextsIfAny(this Utf8JsonWriter json, ReadOnlySpan<byte> name, string[] texts)
    {
        if (texts.Length == 0)
            return;
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    public static void Numbers(this Utf8JsonWriter json, ReadOnlySpan<byte> name, long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    public static void List<T>(this Utf8JsonWriter json, ReadOnlySpan<byte> name, T[] items, Action<T, Utf8JsonWriter> write)
        where T : class
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(item, json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static long Checked(long number, long least, long most)
        => number >= least && number <= most ? number : throw new JsonException("A number of a message is out of its range.");
}
