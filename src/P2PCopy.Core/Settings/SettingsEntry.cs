namespace P2PCopy.Settings;

/// <summary>One value of the settings file.</summary>
/// <param name="Path">The names from the outermost object to the value.</param>
/// <param name="Texts">The value as text; several for an array.</param>
/// <param name="Line">Its line in the file, from 1.</param>
internal sealed record SettingsEntry(IReadOnlyList<string> Path, IReadOnlyList<string> Texts, int Line)
{
    /// <summary>The name of the value.</summary>
    public string Name => Path[^1];

    /// <summary>The names as they are shown: <c>send.compression</c>.</summary>
    public string FullName => string.Join('.', Path);
}
