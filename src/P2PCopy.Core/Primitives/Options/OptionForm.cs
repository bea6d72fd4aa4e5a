namespace P2PCopy.Primitives.Options;

/// <summary>How many values an option takes on a command line.</summary>
internal enum OptionForm
{
    /// <summary>No value, or <c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>One value.</summary>
    Single,

    /// <summary>One value each time the option is given.</summary>
    List,
}
