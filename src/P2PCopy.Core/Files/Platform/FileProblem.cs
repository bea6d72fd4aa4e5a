namespace P2PCopy.Files.Platform;

/// <summary>Why a file could not be read or written.</summary>
/// <param name="Message">One sentence: what was tried and what happened.</param>
/// <param name="Hint">What to do; null if there is no advice.</param>
internal readonly record struct FileProblem(string Message, string? Hint = null);
