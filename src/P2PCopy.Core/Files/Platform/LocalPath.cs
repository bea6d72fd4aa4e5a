namespace P2PCopy.Files.Platform;

/// <summary>Separators: names on the wire and in patterns have <c>/</c>, paths of this machine have those of its system.</summary>
internal static class LocalPath
{
    private const char Wire = '/';

    /// <summary>The path with the separators of this system.</summary>
    public static string Of(string path) => Path.DirectorySeparatorChar == Wire ? path : path.Replace(Wire, Path.DirectorySeparatorChar);

    /// <summary>The path with <c>/</c>. A backslash is an ordinary character where it is no separator.</summary>
    public static string ToWire(string path) => Path.DirectorySeparatorChar == Wire ? path : path.Replace(Path.DirectorySeparatorChar, Wire);
}
