using System.Globalization;

namespace P2PCopy.Primitives.Options;

/// <summary>A time. A command line and a cmdlet take seconds.</summary>
internal sealed class DurationOption<TOptions> : TypedOption<TOptions, TimeSpan>
{
    private readonly int _min;
    private readonly int _max;

    /// <param name="name">The name of the property.</param>
    /// <param name="help">The help.</param>
    /// <param name="range">Seconds.</param>
    /// <param name="get">Reads the property.</param>
    /// <param name="set">Changes the property.</param>
    public DurationOption(string name, string help, (int Min, int Max) range, Func<TOptions, TimeSpan> get, Func<TOptions, TimeSpan, TOptions> set)
        : base(name, help, get, set)
    {
        (_min, _max) = range;
        ValueName = "seconds";
    }

    /// <summary>Whether <see cref="Timeout.InfiniteTimeSpan"/> is allowed; 0 means the same.</summary>
    public bool TakesInfinite { get; init; }

    public override (long Min, long Max)? Range => (_min, _max);

    public override string Takes => Expected + " (or 5m, 2h)";

    protected override string Expected => string.Create(CultureInfo.InvariantCulture, $"{_min} to {_max} seconds");

    protected override string UsualCmdletName => Name + "Seconds";

    protected override bool TryRead(IReadOnlyList<string> texts, out TimeSpan value)
    {
        bool isRead = DurationText.TryParse(texts[^1], out int seconds);
        value = TimeSpan.FromSeconds(seconds);
        return isRead;
    }

    protected override bool IsAllowed(TimeSpan value)
        => (TakesInfinite && value == Timeout.InfiniteTimeSpan) || (value >= TimeSpan.FromSeconds(_min) && value <= TimeSpan.FromSeconds(_max));

    protected override TimeSpan Convert(object value) => TimeSpan.FromSeconds((int)value);

    protected override string Show(TimeSpan value) => value.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
}
