namespace P2PCopy.Settings;

/// <summary>Finds the settings file and checks whether it can be trusted.</summary>
internal static class SettingsLocation
{
    /// <summary>Names another file, or <c>none</c>.</summary>
    public const string Variable = "P2PCOPY_CONFIG";

    private const string NoFile = "none";
    private const string FileName = "config.json";

    /// <summary>
    /// The path of the file: <see cref="Variable"/>, else <c>p2pcopy/config.json</c> in <c>XDG_CONFIG_HOME</c>, <c>~/.config</c>
    /// or <c>%APPDATA%</c>; null if there is no such folder or the variable is <c>none</c>.
    /// </summary>
    /// <param name="environment">Returns a variable of the environment; null or empty if it is not set.</param>
    public static string? Find(Func<string, string?> environment)
        => environment(Variable) is { Length: > 0 } given
            ? given == NoFile ? null : given
            : UserFolder.Find(environment, "APPDATA", "XDG_CONFIG_HOME", ".config", FileName);
}
