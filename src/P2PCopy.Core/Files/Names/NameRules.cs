namespace P2PCopy.Files.Names;

/// <summary>What the receiver's platform makes of names. Injected, so that every platform's rules can be tested on one.</summary>
internal enum NameRules
{
    /// <summary>Only <c>/</c> and NUL are special.</summary>
    Posix,

    /// <summary>Drives, streams, devices, trailing dots and backslashes are special too.</summary>
    Windows,
}
