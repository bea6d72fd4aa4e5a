using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;

namespace P2PCopy.Tool.Options;

/// <summary>The kinds of options the tool has. Every error says which option, what it got and what it takes.</summary>
internal static class Define
{
    public static Option<bool> Flag(string name, string description)
        => new(name) { Description = description };

    public static Option<string?> Text(string name, string help, string description)
        => new(name) { Description = description, HelpName = help };

    /// <summary>An option that may be given several times, one value each: so it never swallows a path.</summary>
    public static Option<string[]> Texts(string name, string help, string description)
        => new(name) { Description = description, HelpName = help, DefaultValueFactory = _ => [], Arity = ArgumentArity.OneOrMore };

    public static Option<T> Choice<T>(string name, T defaultValue, string description)
        where T : struct, Enum
    {
        string[] names = Names<T>();
        var option = new Option<T>(name)
        {
            Description = $"{description} [default: {Kebab(defaultValue.ToString())}]",
            HelpName = string.Join('|', names),
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result => ParseEnum<T>(name, names, result) ?? defaultValue,
        };
        option.CompletionSources.Clear(); // the parser would offer the names of the enum as well
        option.CompletionSources.Add(names);
        return option;
    }

    /// <summary>A choice without a default: null lets the engine choose.</summary>
    public static Option<T?> OptionalChoice<T>(string name, string description)
        where T : struct, Enum
    {
        string[] names = Names<T>();
        var option = new Option<T?>(name)
        {
            Description = description,
            HelpName = string.Join('|', names),
            CustomParser = result => ParseEnum<T>(name, names, result),
        };
        option.CompletionSources.Clear(); // the parser would offer the names of the enum as well
        option.CompletionSources.Add(names);
        return option;
    }

    public static Option<int> Seconds(string name, int defaultValue, int minimum, int maximum, string description)
        => new(name)
        {
            Description = $"{description} [default: {defaultValue}]",
            HelpName = "seconds",
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (TimeSpanSeconds.TryParse(text, out int seconds) && seconds >= minimum && seconds <= maximum)
                    return seconds;

                result.AddError($"{name} takes {minimum} to {maximum} seconds (or 5m, 2h), not '{text}'.");
                return defaultValue;
            },
        };

    public static Option<long?> Size(string name, string help, string examples, long minimum, long maximum, string description)
        => new(name)
        {
            Description = description,
            HelpName = help,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (ByteSize.TryParse(text, out long bytes) && bytes >= minimum && bytes <= maximum)
                    return bytes;

                result.AddError($"{name} takes {examples}, not '{text}'.");
                return null;
            },
        };

    public static Option<long?> Count(string name, string description)
        => new(name)
        {
            Description = description,
            HelpName = "count",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count > 0)
                    return count;

                result.AddError($"{name} takes a number above 0, not '{text}'.");
                return null;
            },
        };

    public static Option<int> Number(string name, string help, int defaultValue, int minimum, int maximum, string description)
        => new(name)
        {
            Description = description,
            HelpName = help,
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                    && value >= minimum && value <= maximum)
                {
                    return value;
                }

                result.AddError($"{name} takes {minimum} to {maximum}, not '{text}'.");
                return defaultValue;
            },
        };

    private static T? ParseEnum<T>(string name, string[] names, ArgumentResult result)
        where T : struct, Enum
    {
        string text = result.Tokens[0].Value;
        int index = Array.FindIndex(names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
            return Enum.GetValues<T>()[index];

        result.AddError($"{name} takes {string.Join(", ", names)}, not '{text}'.");
        return null;
    }

    private static string[] Names<T>()
        where T : struct, Enum
        => Array.ConvertAll(Enum.GetNames<T>(), Kebab);

    public static string Kebab(string name)
    {
        var text = new StringBuilder(name.Length + 2);
        foreach (char c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
                text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
