using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Makes the plan that a user sees before agreeing to an offer.</summary>
internal static class PlanMaker
{
    private const int MostNames = 100;
    private const int AnyExecute = (int)(UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    /// <summary>Looks at the destination of every entry and changes nothing but the space that the tree counts.</summary>
    /// <returns>The plan, and what it says about each entry.</returns>
    public static (TransferPlan Plan, PlannedEffect[] Effects) Make(DestinationTree tree, IEnumerable<ManifestEntry> entries)
    {
        long created = 0, replaced = 0, newer = 0, unchanged = 0, left = 0, bytes = 0;
        long executable = 0, hidden = 0, links = 0, throughLinks = 0, changedFolders = 0;
        bool isOpenEnded = false;
        List<PlannedEffect> effects = [];
        List<string> newerNames = [], replacedNames = [];
        tree.BeginRound();
        tree.Space.Clear();
        foreach (ManifestEntry entry in entries)
        {
            DestinationDecision decision = tree.Decide(entry);
            effects.Add(decision switch
            {
                { Kind: not DecisionKind.Want } => PlannedEffect.Leaves,
                { Replaces: true } => PlannedEffect.Replaces,
                _ => PlannedEffect.New,
            });
            if (entry.Kind == EntryKind.Folder)
            {
                changedFolders += decision.Kind == DecisionKind.Unchanged && tree.Existing.ChangesMode(entry) ? 1 : 0;
                continue;
            }

            if (decision.Kind != DecisionKind.Want)
            {
                _ = decision.Kind == DecisionKind.Unchanged ? unchanged++ : left++;
                continue;
            }

            if (!decision.Replaces)
            {
                created++;
            }
            else
            {
                replaced++;
                newer += decision.IsNewerHere ? 1 : 0;
                List<string> names = decision.IsNewerHere ? newerNames : replacedNames;
                if (names.Count < MostNames)
                    names.Add(entry.Name);
            }

            executable += entry.Kind == EntryKind.File && (entry.Mode & AnyExecute) > 0 ? 1 : 0;
            hidden += entry.Name[0] == '.' || entry.Name.Contains("/.", StringComparison.Ordinal) ? 1 : 0;
            links += entry.Kind == EntryKind.Link ? 1 : 0;
            throughLinks += decision.IsThroughLink ? 1 : 0;
            isOpenEnded |= entry.Length < 0;
            if (entry.Kind == EntryKind.File)
                tree.Reserve(entry, decision);
            bytes += Math.Max(0, entry.Length - Math.Max(0, decision.PartialLength));
        }

        var plan = new TransferPlan
        {
            Destination = tree.Root,
            NewFiles = created,
            ReplacedFiles = replaced,
            NewerHere = newer,
            NewerNames = newerNames,
            ReplacedNames = replacedNames,
            UnchangedFiles = unchanged,
            LeftFiles = left,
            ExecutableFiles = executable,
            HiddenFiles = hidden,
            Links = links,
            FilesThroughLinks = throughLinks,
            ChangedFolders = changedFolders,
            BytesToTransfer = isOpenEnded ? null : bytes,
            MissingBytes = tree.Space.MissingBytes,
        };
        return (plan, [.. effects]);
    }
}
