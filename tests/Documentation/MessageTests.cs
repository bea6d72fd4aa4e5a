using System.Text.RegularExpressions;

namespace P2PCopy.Tests.Documentation;

/// <summary>
/// An error is one sentence that says what was tried and what happened. The advice is in <see cref="P2PException.Hint"/>, which
/// every user interface shows apart from the message.
/// </summary>
public sealed partial class MessageTests
{
    [Fact]
    public void The_message_of_an_error_is_one_sentence_and_its_advice_is_a_hint()
    {
        (string Where, string Message)[] messages = [.. Messages()];

        Assert.True(messages.Length > 100, $"Only {messages.Length} messages were found.");
        Assert.DoesNotContain(messages, m => SecondSentence().IsMatch(m.Message) || Advice().IsMatch(m.Message));
    }

    [Theory]
    [InlineData("The proxy needs a password. Set `ProxyCredential`.", true)]
    [InlineData("The proxy needs a password; set `ProxyCredential`.", true)]
    [InlineData("The file \"{path}\" could not be read: {e.Message} Check it.", true)]
    [InlineData("The relay wss://relay.example refused: {reason}", false)]
    [InlineData("The options A and B are both set.", false)]
    public void The_rule_finds_advice(string message, bool found)
        => Assert.Equal(found, SecondSentence().IsMatch(message) || Advice().IsMatch(message));

    /// <summary>Every text literal that becomes the message of a <see cref="P2PException"/>.</summary>
    private static IEnumerable<(string Where, string Message)> Messages()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories))
        {
            // The cmdlets' own errors are error records, which PowerShell shows as one text.
            if (file.Contains("P2PCopy.Cmdlets", StringComparison.Ordinal))
                continue;
            string text = File.ReadAllText(file);
            foreach (Match start in Start().Matches(text))
            {
                string message = string.Concat(Literal().Matches(Statement(text, start.Index + start.Length)).Select(m => m.Groups[1].Value));
                if (message.Length > 0)
                    yield return ($"{Path.GetFileName(file)}:{text[..start.Index].Count(c => c == '\n') + 1}", message);
            }
        }
    }

    /// <summary>The arguments up to the closing parenthesis, or for a method with a hint to the first comma between two literals.</summary>
    private static string Statement(string text, int start)
    {
        int depth = 1, at = start;
        for (bool quoted = false; depth > 0; at++)
        {
            char c = text[at];
            if (c == '"')
                quoted = !quoted;
            else if (quoted && c == '\\')
                at++;
            else if (!quoted)
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        }

        string arguments = text[start..(at - 1)];
        Match hint = HintArgument().Match(arguments);
        return hint.Success ? arguments[..(hint.Index + 1)] : arguments;
    }

    /// <summary>An exception, or a call of a method that makes one. The names of these methods are the same everywhere.</summary>
    [GeneratedRegex(@"new P2PException\(|P2PException \w+\([^()]*\)\s*=> new\(|(?:throw|return|[?:]) (?:Invalid|Final|Lost|Malformed|RefuseAsync)\(|new FileProblem\(|DestinationDecision\.Refuse\(|new DialFailure\(|new Refusal\(|string\? (?:Objection|Problem)\(\) => this switch\s*\(")]
    private static partial Regex Start();

    [GeneratedRegex("\\$?\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Literal();

    [GeneratedRegex("\"\\)?,\\s*\\$?\"")]
    private static partial Regex HintArgument();

    /// <summary>A sentence after another one, or after the text of another exception.</summary>
    [GeneratedRegex(@"[\w`)""'}][.!?] [A-Z`]|[Mm]essage[^}]*\} [A-Z]")]
    private static partial Regex SecondSentence();

    /// <summary>An instruction after a semicolon, a colon or a dash.</summary>
    [GeneratedRegex(@"[;:–] (?:add|ask|check|choose|compare|end|give|leave|name|omit|put|raise|remove|run|send|set|start|try|turn|type|update|use|wait|write)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Advice();
}
