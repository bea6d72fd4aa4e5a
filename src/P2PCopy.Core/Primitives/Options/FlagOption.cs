namespace P2PCopy.Primitives.Options;

/// <summary>An option that is on or off.</summary>
internal sealed class FlagOption<TOptions>(string name, string help, Func<TOptions, bool?> get, Func<TOptions, bool, TOptions> set)
    : TypedOption<TOptions, bool?>(name, help, get, (options, value) => value is { } given ? set(options, given) : options)
{
    public override OptionForm Form => OptionForm.Flag;

    public override string Takes => "true or false";

    public override string? DefaultText(TOptions defaults) => DefaultNote;

    protected override bool TryRead(IReadOnlyList<string> texts, out bool? value)
    {
        value = texts.Count == 0 ? true : bool.TryParse(texts[^1], out bool read) ? read : null;
        return value is not null;
    }
}
