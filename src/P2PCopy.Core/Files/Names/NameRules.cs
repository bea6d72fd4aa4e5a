namespace P2PCopy.Files.Names;

/// <summary>The rules for names of the receiver's platform. Injected, so that the rules of each platform can be tested on any.</summary>
internal enum NameRules
{
    /// <summary>Only <c>/</c> and NUL are special.</summary>
    Posix,

    /// <summary>Drives, streams, devices, trailing dots and backslashes are special too.</summary>
    Windows,
}
