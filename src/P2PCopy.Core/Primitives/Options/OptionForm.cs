namespace P2PCopy.Primitives.Options;

/// <summary>How many values an option takes on a command line.</summary>
internal enum OptionForm
{
    /// <summary>None, or <c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>One.</summary>
    Single,

    /// <summary>One each time it is given.</summary>
    List,
}
