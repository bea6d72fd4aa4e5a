using System.Text;
using System.Text.Json;
using P2PCopy.Primitives;

namespace P2PCopy.Settings;

/// <summary>Reads the JSON of a settings file into its values and their lines.</summary>
internal static class SettingsReader
{
    private const int MaxDepth = 4;

    /// <summary>The values in the order of the file.</summary>
    /// <param name="json">UTF-8; comments and trailing commas are allowed.</param>
    /// <param name="file">The name of the file, for errors.</param>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.InvalidOption"/>: not JSON, or a name occurs twice.</exception>
    public static List<SettingsEntry> Read(ReadOnlySpan<byte> json, string file)
    {
        var entries = new List<SettingsEntry>();
        var path = new Stack<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(
            json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new P2PException(P2PErrorCode.InvalidOption, $"{file} does not contain a JSON object.") { Hint = "Start it with { and end it with }." };
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        path.Push(reader.GetString()!);
                        string name = string.Join('.', path.Reverse());
                        if (!seen.Add(name))
                            throw Problem(file, LineOf(json, reader.TokenStartIndex), $"'{VisibleText.Name(name)}' occurs twice.");
                        break;
                    case JsonTokenType.StartObject:
                        break;
                    case JsonTokenType.EndObject:
                        if (path.Count > 0)
                            path.Pop();
                        break;
                    default:
                        int line = LineOf(json, reader.TokenStartIndex);
                        entries.Add(new SettingsEntry([.. path.Reverse()], [.. Values(ref reader, file, line)], line));
                        path.Pop();
                        break;
                }
            }
        }
        catch (JsonException e)
        {
            throw new P2PException(
                P2PErrorCode.InvalidOption, $"{file}, line {(e.LineNumber ?? 0) + 1}: this is not valid JSON ({Sentence(e.Message)}).", e);
        }

        return entries;
    }

    /// <summary>An error with its place.</summary>
    public static P2PException Problem(string file, int line, string problem, string? hint = null)
        => new(P2PErrorCode.InvalidOption, $"{file}, line {line}: {problem}") { Hint = hint };

    private static List<string> Values(ref Utf8JsonReader reader, string file, int line)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return [Text(ref reader, file, line)];
        var values = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            values.Add(Text(ref reader, file, line));
        return values;
    }

    private static string Text(ref Utf8JsonReader reader, string file, int line) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => throw Problem(file, line, "a value must be text, a number, true, false or a list of these."),
    };

    private static int LineOf(ReadOnlySpan<byte> json, long index) => json[..(int)index].Count((byte)'\n') + 1;

    // The parser's message ends with its own line number, which counts from 0.
    private static string Sentence(string message) => message.Split(" LineNumber:")[0].TrimEnd('.', ' ');
}
