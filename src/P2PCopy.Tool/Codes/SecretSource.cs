using System.CommandLine;
using System.CommandLine.Parsing;
using P2PCopy.Primitives;

namespace P2PCopy.Tool.Codes;

/// <summary>Finds a secret: the option, its file, or its environment variable, in this order.</summary>
internal static class SecretSource
{
    /// <summary>The secret; null if none was given.</summary>
    /// <param name="option">Its value on the command line.</param>
    /// <param name="file">The option that names a file, and the file.</param>
    /// <param name="variable">Its value in the environment.</param>
    public static string? Find(string? option, (string Option, string? Path) file, string? variable)
        => option ?? (file.Path is null ? variable : Read(file.Option, file.Path));

    /// <summary>A check that a secret is given at most once on a command line.</summary>
    public static Action<CommandResult> GivenOnce(Option option, Option file) => result =>
    {
        if (result.GetResult(option) is { Implicit: false } && result.GetResult(file) is { Implicit: false })
            result.AddError($"Give {option.Name} or {file.Name}, not both.");
    };

    /// <summary>The first line of a file. A file that cannot be read is an invalid option, because nothing was tried yet.</summary>
    private static string Read(string option, string path)
    {
        try
        {
            if (SecretFile.Problem(path) is { } problem)
                throw new P2PException(P2PErrorCode.InvalidOption, $"{option} {path}: {problem}") { Hint = SecretFile.Hint(path) };
            return File.ReadLines(path).FirstOrDefault()?.Trim() is { Length: > 0 } line
                ? line
                : throw new P2PException(P2PErrorCode.InvalidOption, $"{option} {path}: the first line is empty.") { Hint = "Write the secret on the first line." };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new P2PException(P2PErrorCode.InvalidOption, $"{option} {path} could not be read: {e.Message}", e);
        }
    }
}
