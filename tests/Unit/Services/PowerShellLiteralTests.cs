using P2PCopy.Cmdlets.Services;

namespace P2PCopy.Tests.Unit.Services;

/// <summary>A value of a script is that value again when PowerShell reads it, and never a command.</summary>
public sealed class PowerShellLiteralTests
{
    public static TheoryData<object, string> Literals => new()
    {
        { "plain", "'plain'" },
        { "it's $(Remove-Item /) \"x\" `n", "'it''s $(Remove-Item /) \"x\" `n'" },
        { "a\u2019b\u2018c\u201ad\u201be", "'a\u2019\u2019b\u2018\u2018c\u201a\u201ad\u201b\u201be'" },
        { 10, "10" },
        { 1.5, "1.5" },
        { true, "$true" },
        { new Uri("wss://relay.example/a"), "'wss://relay.example/a'" },
        { ConflictPolicy.Rename, "'Rename'" },
        { new object[] { "a", 1 }, "@('a', 1)" },
        { Array.Empty<string>(), "@()" },
    };

    [Theory]
    [MemberData(nameof(Literals))]
    public void A_value_has_this_literal(object value, string literal) => Assert.Equal(literal, PowerShellLiteral.Of(value));
}
