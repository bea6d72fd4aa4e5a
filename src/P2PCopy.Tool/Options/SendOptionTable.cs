using System.CommandLine;
using P2PCopy.Primitives.Options;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tool.Options;

/// <summary>The options of <c>send</c> that <c>receive</c> does not have.</summary>
internal sealed class SendOptionTable
{
    private readonly OptionBinder<SendOptions> _binder = new(SendOptionList.All, new SendOptions());

    public Argument<string[]> Path { get; } = new("path")
    {
        Description = SendOptionList.All.First(o => o.Name == nameof(SendOptions.Paths)).Help,
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
    };

    public Option<string?> FilesFrom { get; } = Define.Text("--files-from", "file",
        "Read paths from a file or from - (standard input), one per line or separated by NUL; each file keeps the path that is named");

    public void AddTo(Command command)
    {
        command.Arguments.Add(Path);
        _binder.AddTo(command, OptionGroup.Files);
        command.Add(FilesFrom, OptionGroup.Files);
    }

    /// <summary>The destination name of standard input.</summary>
    public string? Name(ParseResult result) => _binder.Text(result, nameof(SendOptions.Name));

    /// <summary>The options with every value of this table except the paths and the stream.</summary>
    public SendOptions Apply(SendOptions options, ParseResult result) => _binder.Apply(options, result);
}
