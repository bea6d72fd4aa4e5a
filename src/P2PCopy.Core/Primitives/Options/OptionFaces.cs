namespace P2PCopy.Primitives.Options;

/// <summary>The faces that have an option.</summary>
[Flags]
internal enum OptionFaces
{
    /// <summary>A property of an options record.</summary>
    Api = 1,

    /// <summary>An option of the command-line tool.</summary>
    Tool = 2,

    /// <summary>A parameter of a cmdlet.</summary>
    Cmdlet = 4,

    /// <summary>Every face.</summary>
    All = Api | Tool | Cmdlet,
}
