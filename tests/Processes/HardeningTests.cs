using P2PCopy.Tests.Testing;

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
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName != "root", "Only Linux protects a process so, and not against root.");
        (ToolProcess relay, _) = await ToolProcess.StartRelayAsync();
        await using ToolProcess end = relay;

        Assert.Throws<UnauthorizedAccessException>(() => File.ReadAllBytes($"/proc/{relay.Id}/environ"));
        Assert.Throws<UnauthorizedAccessException>(() => File.OpenRead($"/proc/{relay.Id}/mem"));
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
