"""What must hold after each run of a scenario. Each check returns the violations that it finds."""

import collections

import trees

SUCCESS = ("copied", "unchanged")
CANCELLED = 130
STATUSES = {0, *range(2, 11), CANCELLED}
COUNTED = (*SUCCESS, "skipped", "failed", "unconfirmed")


def whole(player):
    """Nothing is half new, and nothing foreign is touched."""
    found = [f"{name} at the destination is neither old nor new: {seen}" for name in player.trees.versions
             if (seen := player.trees.half_new(name))]
    if player.trees.foreign_touched():
        found.append("a file that belongs to neither side was touched")
    found += [f"{path} is not from this transfer" for path in player.trees.strangers()]
    return found


def ends(processes):
    """Each process that was not killed ended with a documented status and wrote valid JSON."""
    found = []
    for process in processes:
        try:
            events = process.events()
        except ValueError as e:
            found.append(f"{process.name}: invalid JSON: {e}")
            continue
        if process.killed:
            continue
        if process.status not in STATUSES:
            found.append(f"{process.name} ended with status {process.status}")
        errors = process.err.read_text(errors="replace")
        if "Unhandled exception" in errors or "   at P2PCopy" in errors:
            found.append(f"{process.name} wrote a stack trace")
        summaries = process.summaries()
        if process.status == 0 and not process.standing and [summary["succeeded"] for summary in summaries] != [True]:
            found.append(f"{process.name} ended with 0 without one summary that says so")
        if process.cancelled and process.status not in (0, CANCELLED) and not summaries and process.says("offer"):
            found.append(f"{process.name} was cancelled and ended without a summary")
        if len(summaries) == 1:
            counts = collections.Counter(event["status"] for event in process.files().values())
            found += [f"the summary of {process.name} has {summaries[0][status]} {status}, its events {counts[status]}"
                      for status in COUNTED if summaries[0][status] != counts[status]]
    return found


def truth(player, senders, receivers):
    """A file that a log calls copied or unchanged is at the destination with that content."""
    found = []
    renamed = player.scenario.policy == "rename"
    for processes in (senders, receivers):
        for process in processes:
            for name, event in process.files().items():
                if event["status"] not in SUCCESS:
                    continue
                if name not in player.trees.versions:
                    found.append(f"{process.name} reports {name}, which the sender does not have")
                    continue
                versions = player.trees.versions[name]
                # A later process of a restarted side may have replaced the content by a newer version.
                wanted = {event["sha256"]} if event["sha256"] and len(versions) == 1 else set(versions)
                if event["sha256"] and event["sha256"] not in versions:
                    found.append(f"{process.name} reports a digest of {name} that the source never had")
                elif not any(trees.digest_of(path) in wanted for path in player.trees.candidates(name, renamed)):
                    found.append(f"{process.name} reports {name} as {event['status']}, but the destination has other content")
    return found


def success(player, processes):
    """Status 0 means that every file is identical, or skipped as requested."""
    found = []
    for process in processes:
        # A standing receiver ends with 0 whatever became of the transfers.
        if process.status != 0 or process.killed or process.standing:
            continue
        files = process.files()
        for name in player.trees.versions:
            status = files[name]["status"] if name in files else "not reported"
            if status not in (*SUCCESS, "skipped") or status == "skipped" and player.scenario.policy not in ("skip", "newer"):
                found.append(f"{process.name} ended with 0, but {name} is {status}")
    return found


def own(player, receivers):
    """Files that the only receiver placed are not in its own way after a restart of the sender."""
    policy = player.scenario.policy
    if len(receivers) > 1 or receivers[0].standing or policy not in ("fail", "rename"):
        return []
    found = []
    files = receivers[0].files()
    for name in player.trees.versions:
        if name in player.trees.had_other:
            continue
        if policy == "rename" and len(copies := player.trees.candidates(name, True)) > 1:
            found.append(f"{name} is there {len(copies)} times")
        if policy == "fail" and name in files and files[name]["error"] == "DestinationExists":
            found.append(f"{name} failed because of the file that this run placed")
    return found


def agreement(sender, receiver, restarted):
    """Both logs give each file the same status, unless one side could not learn it."""
    found = []
    sent, received = sender.files(), receiver.files()
    both_good = sender.status == 0 and receiver.status == 0 and not receiver.standing
    if both_good and not restarted and sent.keys() != received.keys():
        found.append(f"the logs name different files: {sorted(sent.keys() ^ received.keys())}")
    for name in sent.keys() & received.keys():
        one, other = sent[name]["status"], received[name]["status"]
        # A restarted side finds the files of the first round: it calls unchanged, or skips, what the other side saw copied.
        same = one == other or restarted and {one, other} <= {*SUCCESS, "skipped"}
        if not same and (both_good or "unconfirmed" not in (one, other)):
            found.append(f"{name} is {one} for {sender.name} and {other} for {receiver.name}")
        digests = (sent[name]["sha256"], received[name]["sha256"])
        if one == other and one in SUCCESS and all(digests) and digests[0] != digests[1] and not restarted:
            found.append(f"the logs give {name} different digests")
    return found


def clean(player, sender, receiver):
    """The second run ends with 0 on both sides, with identical files and no partial file."""
    found = [f"{process.name} ended the clean run with {process.status}" for process in (sender, receiver) if process.status != 0]
    for name, versions in player.trees.versions.items():
        if trees.digest_of(player.trees.destination / name) != versions[-1]:
            found.append(f"{name} differs after the clean run")
    if partials := player.trees.partials():
        found.append(f"partial files are left: {', '.join(partials)}")
    return found
