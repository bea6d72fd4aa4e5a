using System.Text.RegularExpressions;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Probes;
using P2PCopy.Simulation.Disk;
using P2PCopy.Simulation.Network;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Scenarios;

/// <summary>Checks what docs/reliability.md promises.</summary>
internal sealed partial class Judge(Universe universe, SimRelay relay, Plan plan, Ledger ledger, Side sender, Side receiver, FaultPlayer faults)
{
    private const int WindowBytes = 12 << 10;

    /// <summary>After this time a person ends a transfer with a hostile peer.</summary>
    public static readonly TimeSpan HostilePatience = TimeSpan.FromMinutes(20);

    private readonly List<string> _violations = [];

    public IReadOnlyList<string> Violations => _violations;

    private bool IsPolicyProtective => plan.Policy is ConflictPolicy.Skip or ConflictPolicy.Fail or ConflictPolicy.Rename;

    public void Violated(string promise, string how)
    {
        _violations.Add($"{promise}: {how}");
        universe.Trace.Add("VIOLATED", $"{promise}: {how}");
    }

    /// <summary>After the run with faults.</summary>
    public void JudgeEnds()
    {
        CheckDefects();
        CheckOpenFiles();
        CheckPaths();

        // What a hostile sender offers is its own; it cannot touch what the policy protects.
        if (plan.Hostile != PeerRole.Receive)
            CheckProtected();
        if (plan.Hostile is not null)
            return;
        CheckContent();
        CheckReports();
        CheckOwnFiles();
        CheckTimes();
        CheckRepeats();
    }

    /// <summary>After the run without faults.</summary>
    public void JudgeCleanRun()
    {
        const string promise = "a run without faults completes";
        CheckDefects();
        if (plan.Hostile == PeerRole.Send)
            return; // it may have made folders into which nothing can be written
        CheckContent();
        CheckProtected();
        CheckReports();
        CheckOpenFiles();
        CheckPaths();
        bool mayFail = plan.Policy == ConflictPolicy.Fail;
        foreach (Side side in new[] { sender, receiver })
        {
            if (side.Outcome is not { Report: { Error: null } report } || (!report.Succeeded && !mayFail))
                Violated(promise, $"{side.Role} {side.Outcome}{FirstFailure(side)}");
            if (side.Outcome?.Report?.Reconnects > 0)
                Violated(promise, $"{side.Role} reconnected");
        }

        foreach (string name in ledger.Names)
        {
            if (plan.Policy is ConflictPolicy.Update or ConflictPolicy.Overwrite && ledger.Digest($"/r/data/{name}") != ledger.Of(name).Sources[^1])
                Violated(promise, $"{name} is not what the sender has");
        }

        // A file that fails because another one exists may be wanted later, with another policy.
        foreach (string path in Files("/r").Select(file => file.Path).Where(_ => !mayFail))
        {
            if (WireName.IsPartial(Path.GetFileName(path)) && !ScratchName().IsMatch(Path.GetFileName(path)))
                Violated("a run without faults leaves no partial", path);
        }
    }

    /// <summary>After a power cut that follows the end.</summary>
    public void JudgePowerCut()
    {
        if (plan.Hostile is not null)
            return;
        CheckContent();
        CheckProtected();
        if (plan.Durable)
            CheckConfirmed();
    }

    // What the sender reports as copied is there.
    private void CheckConfirmed()
    {
        if (faults.HasLostPower && !plan.Durable)
            return; // what was confirmed before the power cut may be lost
        foreach (FileReport file in ByName(sender)?.Values ?? Enumerable.Empty<FileReport>())
        {
            if (file is { Kind: FileReportKind.File, Status: FileStatus.Copied or FileStatus.Unchanged })
                CheckArrived(file);
        }
    }

    private static string FirstFailure(Side side)
        => side.Outcome?.Report?.Files.FirstOrDefault(file => file.Error is not null) is { } failed ? $" ({failed.Name}: {failed.Message})" : "";

    // Only expected failures end a program.
    private void CheckDefects()
    {
        foreach (Side side in new[] { sender, receiver })
        {
            // Who breaks the rules may break; the other side may not.
            if (!side.IsHonest)
                continue;
            if (side.Outcome?.Failure is { } failure and not (P2PException or OperationCanceledException))
                Violated("failures are expected ones", $"{side.Role} {failure}");
            P2PException? error = side.Outcome?.Report?.Error ?? side.Outcome?.Failure as P2PException;

            // What is exchanged before the key is proved is not authenticated, so a changed message is like one of another program.
            bool isChanged = error?.Code is P2PErrorCode.ProtocolError or P2PErrorCode.IntegrityCheckFailed && (plan.Hostile is not null || plan.Faults.Any(fault => fault.Kind == FaultKind.Corrupt));
            if (error?.Code is P2PErrorCode.Failure or P2PErrorCode.ProtocolError or P2PErrorCode.IntegrityCheckFailed && !isChanged)
                Violated("failures are expected ones", $"{side.Role} {error}");
            if (side.Outcome?.Failure is OperationCanceledException && !side.WasCancelled)
                Violated("failures are expected ones", $"{side.Role} was cancelled by no one");
        }
    }

    // No wrong byte under a real name; nothing half new.
    private void CheckContent()
    {
        foreach ((string path, Node node) in Files("/r"))
        {
            string name = path["/r/".Length..];
            if (WireName.IsPartial(Path.GetFileName(name)))
                continue;
            if (name == "data/bystander")
            {
                if (node.Length != 3)
                    Violated("nothing else is changed", path);
                continue;
            }

            string plain = Number().Replace(name["data/".Length..], "");
            if (!ledger.Knows(plain))
            {
                Violated("nothing else is written", path);
                continue;
            }

            Ledger.History history = ledger.Of(plain);
            string digest = node.Digest();
            if (digest != history.Initial && !history.Sources.Contains(digest) && !history.Externals.Contains(digest))
                Violated("no wrong byte under a real name", $"{path} has {digest}");
        }

        if (universe.Disk.Find("/r/data/bystander", false, out _) is null)
            Violated("nothing else is changed", "the bystander is gone");
    }

    // Nothing deleted or replaced that the policy protects.
    private void CheckProtected()
    {
        foreach (PlannedFile file in plan.Files)
        {
            Ledger.History history = ledger.Of(file.Name);
            string? now = ledger.Digest($"/r/data/{file.Name}");
            if (now is null && (history.Initial is not null || history.Externals.Count > 0))
                Violated("nothing is deleted", file.Name);
            bool isNewer = plan.Policy == ConflictPolicy.Newer && file.Before is Before.Newer or Before.Touched && history.Sources.Count == 1 && plan.Hostile is null;
            if (history.Externals.Count > 0 && IsPolicyProtective && now != history.Externals[^1])
                Violated("what the policy protects stays", $"{file.Name} was written by another program");
            else if (history.Externals.Count == 0 && history.Initial is { } initial && (IsPolicyProtective || (isNewer && plan.Policy == ConflictPolicy.Newer)) && now != initial)
                Violated("what the policy protects stays", $"{file.Name} was there before");
        }
    }

    private void CheckReports()
    {
        CheckConfirmed();
        Dictionary<string, FileReport>? sent = ByName(sender), received = ByName(receiver);
        if (sent is null || received is null || sender.Starts != receiver.Starts && !BothEndedWell())
            return;
        foreach ((string name, FileReport mine) in sent)
        {
            FileStatus? theirs = received.GetValueOrDefault(name)?.Status;
            bool agree = mine.Status == theirs
                || mine.Status == FileStatus.Unconfirmed
                || (theirs is null or FileStatus.Unconfirmed && mine.Status == FileStatus.Failed)
                || (theirs == FileStatus.Unconfirmed && !BothEndedWell());
            if (!agree)
                Violated("both reports agree", $"{name}: the sender says {mine.Status} ({mine.Message}), the receiver {theirs?.ToString() ?? "nothing"} ({received.GetValueOrDefault(name)?.Message})");
            if (mine.Status == FileStatus.Unconfirmed && BothEndedWell())
                Violated("both reports agree", $"{name}: unconfirmed, and both ended well");
        }

        if (sender.Outcome!.Succeeded && !receiver.Outcome!.Succeeded && !receiver.WasCancelled && !receiver.Outcome.IsKilled)
            Violated("success of the sender implies that of the receiver", $"the receiver: {receiver.Outcome}");
    }

    // A restarted sender continues the run of its receiver, whose own files are not in the way.
    private void CheckOwnFiles()
    {
        if (receiver.Starts > 1 || !IsPolicyProtective || plan.Faults.Any(fault => fault.Kind is FaultKind.DiskError or FaultKind.DiskFull))
            return;
        foreach (string name in ledger.Names.Where(name => ledger.Of(name) is { Initial: null, Externals.Count: 0 }))
        {
            FileReport? report = ByName(receiver)?.GetValueOrDefault($"data/{name}");
            if (report is { Status: FileStatus.Skipped } or { Error: P2PErrorCode.DestinationExists } || ledger.Digest($"/r/data/{name} (1)") is not null)
                Violated("a restarted sender continues", $"{name}: {report?.Status} {report?.Message}");
        }
    }

    private void CheckArrived(FileReport file)
    {
        string name = file.Name["data/".Length..];
        if (!ledger.Knows(name))
        {
            Violated("reports name offered files", file.Name);
            return;
        }

        Ledger.History history = ledger.Of(name);
        if (history.Externals.Count > 0)
            return;
        IEnumerable<string> candidates = Files("/r/data").Where(there => Number().Replace(there.Path["/r/data/".Length..], "") == name).Select(there => there.Node.Digest());
        if (!candidates.Any(history.Sources.Contains))
            Violated("a confirmed file has arrived", $"{name} ({file.Status})");
    }

    private void CheckTimes()
    {
        TimeSpan bound = Side.WaitTimeout + (2 * plan.Retry) + plan.Silence + TimeSpan.FromSeconds(180);
        foreach ((Side side, Side other) in new[] { (sender, receiver), (receiver, sender) })
        {
            TimeSpan from = faults.LastDisturbance > other.EndedAt && other.EndedAt < side.EndedAt ? faults.LastDisturbance : Min(other.EndedAt, side.EndedAt);
            if (faults.LastDisturbance > from)
                from = faults.LastDisturbance;
            if (side.EndedAt - from > bound)
                Violated("every run ends in time", $"{side.Role} ended {(side.EndedAt - from).TotalSeconds:0} s after the last disturbance");
        }
    }

    // Each lost connection repeats at most what was under way on it.
    private void CheckRepeats()
    {
        if (sender.Outcome?.Report is not { } report || sender.Starts > 1)
            return;
        long most = (long)(faults.Losses + 4 + (2 * report.Reconnects) + (2 * sender.PathChanges)) * (WindowBytes / plan.ChunkSize);
        if (report.ChunksRepeated > most)
            Violated("little is sent again", $"{report.ChunksRepeated} chunks with {faults.Losses} losses");
    }

    private void CheckOpenFiles()
    {
        foreach (OpenFile file in universe.Disk.Open)
            Violated("all files are closed at the end", file.Path);
    }

    private void CheckPaths()
    {
        foreach (SimSocket socket in universe.Direct.Open.Where(socket => socket.Owner is not null))
            Violated("all sockets are closed at the end", $"{socket.Owner!.Name} {socket.Local} {socket.Remote}");
        bool isUsed = sender.Outcome?.Report?.BytesDirect > 0 || receiver.Outcome?.Report?.BytesDirect > 0;
        if (!plan.IsDirect && (isUsed || universe.Direct.Connections > 0))
            Violated("direct connections are made by agreement", $"{universe.Direct.Connections} connections");
        if (plan.Direct.Values.Contains(DirectMode.Only) && plan.Hostile is null && relay.Chunks > 0)
            Violated("the relay carries no content with Direct Only", $"{relay.Chunks} chunks");
    }

    private bool BothEndedWell() => sender.Outcome is { Report.Error: null } && receiver.Outcome is { Report.Error: null };

    private static Dictionary<string, FileReport>? ByName(Side side)
        => side.Outcome?.Report?.Files.GroupBy(file => file.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Last(), StringComparer.Ordinal);

    private IEnumerable<(string Path, Node Node)> Files(string folder)
        => universe.Disk.Find(folder, true, out _) is { } node ? Below(folder, node) : [];

    private static IEnumerable<(string Path, Node Node)> Below(string path, Node folder)
        => folder.Children!.SelectMany(child => child.Value.Kind == FileStatKind.Folder ? Below($"{path}/{child.Key}", child.Value) : [($"{path}/{child.Key}", child.Value)]);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [GeneratedRegex(@" \(\d+\)")]
    private static partial Regex Number();

    // Files that exist for a moment to test a folder, see ScratchFile.
    [GeneratedRegex(@"^\.a[0-9a-f]{15}\.p2ppart$")]
    private static partial Regex ScratchName();
}
