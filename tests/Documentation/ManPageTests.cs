using System.Diagnostics;

namespace P2PCopy.Tests.Documentation;

/// <summary>The man pages agree with the tool, and every formatter reads them.</summary>
public sealed class ManPageTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "man");

    /// <summary>With P2PCOPY_UPDATE_SNAPSHOTS=1 the pages are written instead of compared.</summary>
    [Fact]
    public void The_man_pages_are_current()
    {
        (string File, string Text)[] pages = [.. ManPage.All()];
        if (Environment.GetEnvironmentVariable("P2PCOPY_UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Folder);
            foreach ((string file, string text) in pages)
                File.WriteAllText(Path.Combine(Folder, file), text);
        }

        Assert.Equal(pages.Select(p => p.File).Order(StringComparer.Ordinal), Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.All(pages, page => Assert.True(
            page.Text == File.ReadAllText(Path.Combine(Folder, page.File)),
            $"docs/man/{page.File} differs from the tool. Write it again: P2PCOPY_UPDATE_SNAPSHOTS=1 dotnet test --filter-class \"*ManPageTests\""));
    }

    [Theory]
    [InlineData("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z")]
    [InlineData("groff", "-man", "-ww", "-b", "-Tutf8")]
    [InlineData("mandoc", "-Tlint", "-Wwarning")]
    public async Task Every_formatter_reads_them_without_a_warning(string program, params string[] arguments)
    {
        Assert.SkipWhen(!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, program))), $"{program} is not installed.");
        foreach (string page in Directory.GetFiles(Folder))
        {
            using Process process = Process.Start(new ProcessStartInfo(program, [.. arguments, page]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string text = await output;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(string.Empty, error);
            if (program == "mandoc")
                Assert.DoesNotContain(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => !l.EndsWith("missing date, using \"\": TH", StringComparison.Ordinal)); // the same page whenever it is made
            else
                Assert.True(process.ExitCode == 0 && text.Length > 200);
        }
    }
}
