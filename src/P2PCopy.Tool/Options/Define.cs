using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace P2PCopy.Tool.Options;

/// <summary>Options that only the tool has. The others are declared in the engine; <see cref="OptionBinder{TOptions}"/> makes them.</summary>
internal static class Define
{
    public static Option<bool> Flag(string name, string description, params string[] aliases)
        => new(name, aliases) { Description = description };

    public static Option<string?> Text(string name, string help, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = help };
        option.Validators.Add(result => IsEmpty(result));
        return option;
    }

    /// <summary>Whether an option has an empty value, as a script passes it whose variable is not set. It becomes an error.</summary>
    public static bool IsEmpty(OptionResult result)
    {
        if (result.Tokens.All(t => t.Value.Length > 0))
            return false;
        result.AddError($"{result.Option.Name} has an empty value.");
        return true;
    }

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
}
