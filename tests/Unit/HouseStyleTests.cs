using System.Text.RegularExpressions;
using P2PCopy.Tests.Documentation;

namespace P2PCopy.Tests.Unit;

/// <summary>One spelling of each habit, where neither .editorconfig nor an analyzer can hold it.</summary>
public sealed partial class HouseStyleTests
{
    private static readonly string[] SourceFolders = ["src", "tests", "bench", "examples"];

    [Fact]
    public void A_caught_exception_is_called_e()
        => Check(CaughtName(), match => match.Groups[1].Value == "e");

    [Fact]
    public void A_static_field_has_no_prefix()
        => Check(StaticPrefix(), _ => false);

    [Fact]
    public void Time_comes_from_a_TimeProvider()
        => Check(WallClock(), _ => false, "src/P2PCopy.Core", "src/Relay/Hosting", "src/Relay/Limits", "src/Relay/Rooms");

    [Fact]
    public void A_mode_of_a_file_is_a_UnixFileMode_and_no_number()
        => Check(ModeNumber(), _ => false, "src");

    // Otherwise the code that waits runs inside the call that completes the source: a test then moves its clock there, before the waits
    // that it wants to end have begun, and they stand for ever.
    [Fact]
    public void Who_waits_for_a_completion_source_continues_on_its_own()
        => Check(InlineContinuations(), _ => false, "src", "tests", "bench");

    [Fact]
    public void Comments_messages_and_pages_use_the_words_of_the_glossary()
    {
        string[] retired = ["ChunkWindow", "StreamCursor", "StreamSegment", "StreamItem", "meeting place", "looked for again", "be found again", "somebody", "nobody", "whoever", "side's last word", "anybody", "vouch", "travel", "for ever ", "StreamOpener"];
        var found = from file in Files("src").Concat(Repository.Pages.Select(p => Path.Combine(Repository.Root, p.Name)))
                    from line in File.ReadLines(file)
                    from word in retired
                    where line.Contains(word, StringComparison.OrdinalIgnoreCase)
                    select $"{Path.GetRelativePath(Repository.Root, file)}: {line.Trim()}";
        Assert.Empty(found);
    }

    private static void Check(Regex pattern, Func<Match, bool> isRight, params string[] folders)
    {
        var wrong = from file in Files(folders.Length > 0 ? folders : SourceFolders)
                    from match in pattern.Matches(File.ReadAllText(file))
                    where !isRight(match)
                    select $"{Path.GetRelativePath(Repository.Root, file)}: {match.Value.Trim()}";
        Assert.Empty(wrong);
    }

    private static IEnumerable<string> Files(params string[] folders)
        => folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories));

    // One whose task alone is used is never completed.
    [GeneratedRegex(@"new TaskCompletionSource(<[\w<>?, ()\[\]]+>)?\(\)(?!\.Task)")]
    private static partial Regex InlineContinuations();

    [GeneratedRegex(@"catch \([\w.<>]+ (\w+)\)")]
    private static partial Regex CaughtName();

    [GeneratedRegex(@"\bs_[a-z]\w*")]
    private static partial Regex StaticPrefix();

    [GeneratedRegex(@"DateTime(Offset)?\.(Utc)?Now|\bStopwatch\.|Environment\.TickCount|Thread\.Sleep")]
    private static partial Regex WallClock();

    [GeneratedRegex(@"0x(1FF|1C0|1B6|180|1A4|1ED)\b", RegexOptions.IgnoreCase)]
    private static partial Regex ModeNumber();
}
