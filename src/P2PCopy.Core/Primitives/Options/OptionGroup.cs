namespace P2PCopy.Primitives.Options;

/// <summary>The headings under which help lists options, in this order.</summary>
internal enum OptionGroup
{
    /// <summary>The files that are sent, and how they are written.</summary>
    Files,

    /// <summary>The shared code, and what depends on it.</summary>
    Code,

    /// <summary>The relay, and how to reach it.</summary>
    Relay,

    /// <summary>How the content is sent.</summary>
    Transfer,

    /// <summary>The output.</summary>
    Output,
}
