namespace P2PCopy.Cmdlets.Services;

/// <summary>A program to run.</summary>
/// <param name="Command">The program and its arguments.</param>
/// <param name="MayFail">Whether a failure is ignored, for example because there is nothing to stop.</param>
internal sealed record ServiceStep(IReadOnlyList<string> Command, bool MayFail = false)
{
    public static ServiceStep Of(params string[] command) => new(command);

    public static ServiceStep Try(params string[] command) => new(command, MayFail: true);

    /// <inheritdoc/>
    public override string ToString()
        => string.Join(' ', Command.Select(word => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word));
}
