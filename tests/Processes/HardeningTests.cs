using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Processes;

/// <summary>The processes that hold codes, tokens and keys leave no copy of their memory to others.</summary>
public sealed class HardeningTests
{
    [Fact]
    public async Task The_tool_writes_no_core_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux shows the limits of another process.");
        (ToolProcess relay, _) = await ToolProcess.StartRelayAsync();
        await using ToolProcess end = relay;

        string limit = File.ReadLines($"/proc/{relay.Id}/limits").Single(line => line.StartsWith("Max core file size", StringComparison.Ordinal));

        Assert.Equal(["0", "0", "bytes"], limit.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^3..]);
    }

    [Fact]
    public async Task Another_process_of_the_same_user_cannot_read_its_memory_or_environment()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux protects a process so.");
        bool isRoot = Environment.UserName == "root"; // which may read everything, so both programs run as another user
        string[] relay = ["relay", "--listen", "127.0.0.1:0"];
        await using ToolProcess tool = isRoot ? ToolProcess.StartAsNobody(relay) : ToolProcess.Start(null, relay);
        await tool.WaitForLineAsync(line => line.StartsWith("listening on ", StringComparison.Ordinal));

        Assert.Equal(0, Read("cmdline"));
        Assert.NotEqual(0, Read("environ"));
        Assert.NotEqual(0, Read("mem"));

        int Read(string file)
        {
            string[] command = [.. isRoot ? ToolProcess.AsNobody : [], "head", "-c", "1", $"/proc/{tool.Id}/{file}"];
            return Shell.TryRun(command[0], command[1..]).Status;
        }
    }

    [Fact]
    public async Task The_list_of_processes_shows_no_code_and_no_token_of_a_command_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux a process can change the command line that others see.");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess end = relay;
        string[] arguments = ["receive", "7k3m9q-amber-velvet-canoe", "--relay", address.AbsoluteUri, "--token=topsecrettoken", "--wait-timeout", "60", "--json"];
        await using ToolProcess receiver = ToolProcess.Start(code: null, arguments);
        await receiver.WaitForEventAsync("waiting");

        string shown = File.ReadAllText($"/proc/{receiver.Id}/cmdline");
        Assert.Contains("--relay\0" + address.AbsoluteUri, shown, StringComparison.Ordinal);
        Assert.DoesNotContain("velvet", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", shown, StringComparison.Ordinal);
    }
}
