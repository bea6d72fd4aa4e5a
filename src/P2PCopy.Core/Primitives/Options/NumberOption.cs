using System.Globalization;

namespace P2PCopy.Primitives.Options;

/// <summary>A number: a count, a size or a rate.</summary>
internal sealed class NumberOption<TOptions> : TypedOption<TOptions, long?>
{
    private readonly NumberKind _kind;
    private readonly long _min;
    private readonly long _max;

    /// <param name="name">The name of the property.</param>
    /// <param name="help">The help.</param>
    /// <param name="kind">How the number is written.</param>
    /// <param name="range">The smallest and the largest value.</param>
    /// <param name="get">Reads the property.</param>
    /// <param name="set">Changes the property.</param>
    public NumberOption(
        string name, string help, NumberKind kind, (long Min, long Max) range, Func<TOptions, long?> get, Func<TOptions, long?, TOptions> set)
        : base(name, help, get, set)
    {
        _kind = kind;
        (_min, _max) = range;
        ValueName = kind.ToString().ToLowerInvariant();
    }

    /// <summary>A word for 0, such as <c>auto</c>.</summary>
    public string? ZeroWord { get; init; }

    /// <summary>The smallest value other than 0, if 0 has a meaning of its own.</summary>
    public long MinAboveZero { get; init; }

    public override (long Min, long Max)? Range => (_min, _max);

    public override string Takes => _kind switch
    {
        NumberKind.Size => $"a size such as 500MiB or 10G{Bounds}",
        NumberKind.Rate => $"a rate such as 50MB, 10MiB or 50Mbit{Bounds}",
        _ when ZeroWord is not null => $"{Text(1)} to {Text(_max)} or {ZeroWord}",
        _ when _max == long.MaxValue => $"a number, {Text(_min)} or more",
        _ => $"{Text(_min)} to {Text(_max)}",
    };

    // A bound that no value reaches is not shown.
    private string Bounds => MinAboveZero > 0 ? $", 0 or at least {Text(MinAboveZero)}"
        : _max == long.MaxValue ? (_min > 0 ? $", at least {Text(_min)}" : "")
        : $", {Text(_min)} to {Text(_max)}";

    protected override bool TryRead(IReadOnlyList<string> texts, out long? value)
    {
        string text = texts[^1];
        value = null;
        if (ZeroWord is { } word && text.Equals(word, StringComparison.OrdinalIgnoreCase))
            value = 0;
        else if (_kind == NumberKind.Count ? long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long read) : ByteSize.TryParse(text, out read))
            value = read;
        return value is { } number && !(ZeroWord is not null && number == 0 && text is ['0', ..]);
    }

    protected override bool IsAllowed(long? value)
        => value is not { } number || (number >= _min && number <= _max && (number == 0 || number >= MinAboveZero));

    protected override long? Convert(object value) => System.Convert.ToInt64(value, CultureInfo.InvariantCulture);

    protected override string? Show(long? value)
        => value is not { } number || (number == 0 && ZeroWord is null) ? value is null ? null : "0"
            : number == 0 ? ZeroWord
            : _kind != NumberKind.Count && number % (1 << 10) == 0 ? Binary(number)
            : Text(number);

    private static string Binary(long number)
        => number % (1 << 20) == 0 ? Text(number >> 20) + "MiB" : Text(number >> 10) + "KiB";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
