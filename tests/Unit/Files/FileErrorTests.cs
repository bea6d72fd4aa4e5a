using P2PCopy.Files.Platform;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>Numbers of our own mean the same on every system, although Windows has other errors with some of these numbers.</summary>
public sealed class FileErrorTests
{
    [Theory]
    [InlineData(FileErrors.NoSuchFile, "it does not exist.")]
    [InlineData(FileErrors.AccessDenied, "access is denied")]
    [InlineData(FileErrors.AlreadyExists, "it exists already.")]
    [InlineData(FileErrors.NotAFolder, "a file is where a folder should be.")]
    [InlineData(FileErrors.IsLink, "a link is in its path.")]
    [InlineData(FileErrors.Busy, "another program has the file open.")]
    [InlineData(FileErrors.NotAFile, "it is not a file.")]
    [InlineData(FileErrors.ShortName, "its name is the short name of another file.")]
    public void An_error_has_its_sentence(int error, string sentence)
        => Assert.StartsWith($"Reading \"name\" failed: {sentence}", FileErrors.Read("name", error).Message, StringComparison.Ordinal);

    [Fact]
    public void Advice_is_a_hint_and_no_part_of_the_sentence()
    {
        Assert.Equal(new FileProblem("Reading \"name\" failed: it does not exist."), FileErrors.Read("name", FileErrors.NoSuchFile));
        Assert.Equal("Check the permissions.", FileErrors.Read("name", FileErrors.AccessDenied).Hint);
        Assert.Equal("Check the permissions.", FileErrors.Read("name", new UnauthorizedAccessException()).Hint);
        Assert.Equal("Check the permissions.", FileErrors.Write("Writing", "name", FileErrors.AccessDenied).Hint);
        Assert.Equal("Run again.", FileErrors.Meddled("name").Hint);
    }
}
