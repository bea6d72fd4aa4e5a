using P2PCopy.Primitives;

namespace P2PCopy.Tests.Unit.Primitives;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("report.txt", "report.txt")]
    [InlineData("Grüße 日本.txt", "Grüße 日本.txt")]
    [InlineData("a\u001b[2Jb\n", "a\\x1b[2Jb\\x0a")]
    [InlineData("\u202egpj.exe", "\\u202egpj.exe")]
    [InlineData("a\u061cb", "a\\u061cb")]
    [InlineData("a\u200bb\U000e0041c", "a\\u200bb\\U000e0041c")]
    [InlineData("a\u3164b\uffa0\u115f\u034f\u2800", "a\\u3164b\\uffa0\\u115f\\u034f\\u2800")]
    [InlineData("a\ufe01\U000e0155b", "a\\ufe01\\U000e0155b")]
    [InlineData("a\u009b1mb\u2028", "a\\x9b1mb\\u2028")]
    public void A_name_cannot_drive_the_terminal(string name, string shown)
        => Assert.Equal(shown, VisibleText.Of(name));
}
