namespace P2PCopy.Session.Links;

/// <summary>Why a link ended.</summary>
/// <param name="Reason">As a part of a sentence.</param>
/// <param name="Cause">The exception that ended it; null if there was none.</param>
internal sealed record LinkLoss(string Reason, Exception? Cause);
