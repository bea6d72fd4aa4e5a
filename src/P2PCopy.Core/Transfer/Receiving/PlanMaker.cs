using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Makes the plan that a user sees before agreeing to an offer.</summary>
internal static class PlanMaker
{
    private const int MostNames = 100;
    private const int AnyExecute = (int)(UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    /// <summary>Looks at the destination of every entry and changes nothing but the space that the tree counts.</summary>
    public static TransferPlan Make(DestinationTree tree, IEnumerable<ManifestEntry> entries)
    {
        long created = 0, replaced = 0, newer = 0, unchanged = 0, left = 0, executable = 0, hidden = 0, bytes = 0;
        bool isOpenEnded = false;
        List<string> newerNames = [], replacedNames = [];
        tree.BeginRound();
        tree.Space.Clear();
        foreach (ManifestEntry entry in entries)
        {
            DestinationDecision decision = tree.Decide(entry);
            if (entry.Kind == EntryKind.Folder)
                continue;
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
            isOpenEnded |= entry.Length < 0;
            if (entry.Kind == EntryKind.File)
                tree.Reserve(entry, decision);
            bytes += Math.Max(0, entry.Length - Math.Max(0, decision.PartialLength));
        }

        return new TransferPlan
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
            BytesToTransfer = isOpenEnded ? null : bytes,
            MissingBytes = tree.Space.MissingBytes,
        };
    }
}
