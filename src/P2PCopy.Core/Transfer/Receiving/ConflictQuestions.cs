using System.Collections.Concurrent;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Asks about each file that would be replaced (<see cref="ConflictPolicy.Ask"/>), once in a run of a receiver.</summary>
/// <param name="ask">The user; null with every other policy.</param>
internal sealed class ConflictQuestions(Func<FileConflict, CancellationToken, ValueTask<ConflictAnswer>>? ask)
{
    // What "all" and "none" said, for files that are newer here and for the others.
    private readonly Dictionary<bool, bool> _replacesKind = [];

    private readonly ConcurrentDictionary<string, bool> _replaces = new(StringComparer.Ordinal);

    /// <summary>Whether the file of an offered name is replaced; null if there is no answer. Safe from any thread.</summary>
    public bool? Find(string name) => _replaces.TryGetValue(name, out bool replaces) ? replaces : null;

    /// <summary>Whether a decision needs an answer.</summary>
    public bool Needs(ManifestEntry entry, in DestinationDecision decision)
        => ask is not null && decision is { Kind: DecisionKind.Want, Replaces: true } && Find(entry.Name) is null;

    /// <summary>Asks about a file for which <see cref="Needs"/> is true, unless an earlier answer covers it.</summary>
    /// <returns>Whether it is replaced.</returns>
    public async ValueTask<bool> AskAsync(ManifestEntry entry, DestinationDecision decision, CancellationToken cancellationToken)
    {
        if (!_replacesKind.TryGetValue(decision.IsNewerHere, out bool replaces))
        {
            ConflictAnswer answer = await ask!(Describe(entry, decision), cancellationToken).ConfigureAwait(false);
            replaces = answer is ConflictAnswer.Replace or ConflictAnswer.ReplaceAll;
            if (answer is ConflictAnswer.ReplaceAll or ConflictAnswer.KeepAll)
                _replacesKind[decision.IsNewerHere] = replaces;
        }

        _replaces[entry.Name] = replaces;
        return replaces;
    }

    private static FileConflict Describe(ManifestEntry entry, in DestinationDecision decision)
    {
        bool isThere = FileStat.TryRead(decision.FullPath!, followLinks: false, out FileStat there, out _);
        return new FileConflict
        {
            Name = VisibleText.Name(entry.Name),
            FullName = decision.FullPath!,
            OfferedLength = entry.Kind == EntryKind.File && entry.Length >= 0 ? entry.Length : null,
            OfferedTime = entry.Modified,
            Length = isThere && there.Kind == FileStatKind.File ? there.Length : null,
            Time = isThere ? there.Modified : null,
            IsNewerHere = decision.IsNewerHere,
        };
    }
}
