using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace P2PCopy.Session.Direct;

/// <summary>How a side has learned an address of its own.</summary>
internal enum CandidateKind
{
    /// <summary>An address of one of its interfaces.</summary>
    Interface,

    /// <summary>The address that the relay sees.</summary>
    Observed,

    /// <summary>The address at which its router forwards the port (PCP or NAT-PMP).</summary>
    Mapped,
}

/// <summary>An address at which a side may be reached.</summary>
/// <param name="EndPoint">The address and port.</param>
/// <param name="Kind">How the side has learned it.</param>
internal readonly record struct Candidate(IPEndPoint EndPoint, CandidateKind Kind)
{
    /// <summary>The maximum number that a side sends for one attempt.</summary>
    public const int MostOffered = 16;

    /// <summary>Reads an address and a port; an address with a zone is not one.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? endPoint)
        => IPEndPoint.TryParse(text, out endPoint) && !text.Contains('%', StringComparison.Ordinal) && endPoint.Port != 0;
}

/// <summary>The candidates of one side for one attempt; several offers of an attempt add up.</summary>
/// <param name="Connection">The direct connection, 0 to 15.</param>
/// <param name="Attempt">The number of the attempt.</param>
/// <param name="Candidates">The addresses; at most <see cref="Candidate.MostOffered"/>.</param>
internal sealed record CandidateOffer(int Connection, int Attempt, IReadOnlyList<Candidate> Candidates)
{
    /// <summary>The largest number of an attempt.</summary>
    public const int MaxAttempt = 1 << 20;
}
