namespace P2PCopy.Session.Pairing;

/// <summary>How a session makes direct connections.</summary>
/// <param name="Mode">Whether it makes any.</param>
/// <param name="Port">The local port of the first one, and the first of as many as there are; 0 for any.</param>
internal sealed record DirectSettings(DirectMode Mode, int Port)
{
    /// <summary>No direct connections.</summary>
    public static DirectSettings None { get; } = new(DirectMode.Off, 0);

    /// <summary>
    /// Whether a socket listens. On Windows, a program that listens without a rule of the firewall makes the system ask the
    /// user; who sets a port has made the rule.
    /// </summary>
    public bool Listens => Port != 0 || !OperatingSystem.IsWindows();
}
