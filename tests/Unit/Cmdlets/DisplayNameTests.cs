using P2PCopy.Cmdlets.Running;

namespace P2PCopy.Tests.Unit.Cmdlets;

public sealed class DisplayNameTests
{
    [Theory]
    [InlineData("report.txt", "report.txt")]
    [InlineData("Grüße 日本.txt", "Grüße 日本.txt")]
    [InlineData("a\u001b[2Jb\n", "a\\u001b[2Jb\\u000a")]
    [InlineData("\u202egpj.exe", "\\u202egpj.exe")]
    [InlineData("a\u009b1mb\u2028", "a\\u009b1mb\\u2028")]
    public void A_name_cannot_drive_the_terminal_of_the_host(string name, string shown)
        => Assert.Equal(shown, DisplayName.Of(name));
}
