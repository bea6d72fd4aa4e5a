namespace P2PCopy.Settings;

/// <summary>A relay of the settings file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Address">Its address.</param>
/// <param name="TokenFile">The file of its token; null without one.</param>
internal sealed record RelaySetting(string Name, Uri Address, string? TokenFile);
