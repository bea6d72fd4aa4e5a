using System.Text.Json;
using P2PCopy.Relay.Events;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>A log file may be renamed or deleted at any time, on every system.</summary>
public sealed class LogFileTests
{
    [Theory]
    [InlineData("rename")]
    [InlineData("delete")]
    [InlineData("truncate")]
    public void The_next_line_after_a_rotation_is_in_a_file_of_the_same_name(string rotation)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.FullPath, "relay.log");
        var log = new LogFile(path);
        Assert.True(log.TryWrite("first"));
        switch (rotation)
        {
            case "rename":
                File.Move(path, path + ".1");
                break;
            case "delete":
                File.Delete(path);
                break;
            default:
                File.WriteAllText(path, string.Empty);
                break;
        }

        Assert.True(log.TryWrite("second"));
        Assert.Equal(["second"], File.ReadAllLines(path));
        if (rotation == "rename")
            Assert.Equal(["first"], File.ReadAllLines(path + ".1"));
    }

    [Fact]
    public void A_restart_appends_and_a_reader_holds_up_nothing()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.FullPath, "relay.log");
        Assert.True(new LogFile(path).TryWrite("first"));
        using FileStream reader = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Assert.True(new LogFile(path).TryWrite("second"));
        Assert.Equal(["first", "second"], File.ReadAllLines(path));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_an_error_at_the_start_and_later_a_line_that_was_not_written()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.FullPath, "logs", "relay.log");
        P2PException refused = Assert.Throws<P2PException>(() => new LogFile(path));
        Assert.Equal(P2PErrorCode.InvalidOption, refused.Code);
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var log = new LogFile(path);
        File.Delete(path);
        Directory.CreateDirectory(path);
        Assert.False(log.TryWrite("lost"));
        Directory.Delete(path);
        Assert.True(log.TryWrite("found"));
    }

    [Fact]
    public async Task The_log_of_a_relay_is_one_JSON_object_a_line_without_escape_codes()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.FullPath, "relay.log");
        using (var writer = new LogWriter(new LogFile(path).TryWrite))
        {
            var options = new RelayOptions { Listen = ["127.0.0.1:0"], OnEvent = happened => writer.Add(happened.ToLogLine(RelayLogFormat.Json)) };
            await using RelayServer relay = await RelayServer.StartAsync(options, TestContext.Current.CancellationToken);
        }

        string text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.DoesNotContain('\u001b', text);
        string[] events = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()!)];
        Assert.Equal(["started", "stopping", "stopped"], events);
    }
}
