namespace P2PCopy.Tool.Prompts;

/// <summary>The answer to the question before a transfer.</summary>
internal enum OfferAnswer
{
    /// <summary>The offer is declined.</summary>
    No,

    /// <summary>Everything is received.</summary>
    Yes,

    /// <summary>Files that are here are kept; the others are received.</summary>
    Keep,

    /// <summary>The user is asked about each file that would be replaced.</summary>
    Each,
}
