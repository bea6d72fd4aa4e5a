namespace P2PCopy.Primitives.Options;

/// <summary>The headings under which help lists options, in this order.</summary>
internal enum OptionGroup
{
    /// <summary>What is sent, and how it is written.</summary>
    Files,

    /// <summary>The shared code and what it protects.</summary>
    Code,

    /// <summary>The relay and the way to it.</summary>
    Relay,

    /// <summary>How the content travels.</summary>
    Transfer,

    /// <summary>What is printed.</summary>
    Output,
}
