namespace P2PCopy.Primitives.Options;

/// <summary>An option that each face reads itself, because the API does not have it or has it in another form.</summary>
internal sealed class FaceOption<TOptions> : OptionDefinitionOf<TOptions>
{
    private readonly OptionForm _form;

    public FaceOption(string name, string help, OptionForm form)
        : base(name, help)
    {
        _form = form;
        Faces = OptionFaces.Tool | OptionFaces.Cmdlet;
    }

    public override OptionForm Form => _form;

    public override bool IsValue => false;

    public override string Takes => "a value";

    public override string? DefaultText(TOptions defaults) => DefaultNote;

    public override bool TryParse(IReadOnlyList<string> texts, ref TOptions options) => true;

    public override TOptions Set(TOptions options, object value) => options;

    public override void Check(TOptions options)
    {
    }
}
