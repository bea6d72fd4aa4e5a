using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Processes;

/// <summary>Limits of the system: a file that meets one fails by name, and what cannot run says so.</summary>
public sealed class SystemLimitTests : IDisposable
{
    private const string Code = "limit4-correct-horse-battery";
    private const int Files = 40;

    private readonly TemporaryFolder _folder = new();

    public SystemLimitTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limits are set by a shell of Linux.");
        for (int i = 0; i < Files; i++)
            _folder.File($"source/a/b/c/d{i}/small.txt");
    }

    [Fact]
    public async Task A_file_larger_than_a_file_may_be_fails_by_name_on_both_sides_and_the_rest_arrives()
    {
        AddBig(4 << 20);

        // Without this variable the runtime ends at its start: it maps its own code twice.
        (int sent, int received, string said) = await RunAsync("-f 4000", ["DOTNET_EnableWriteXorExecute=0"], limitReceiver: true);

        Assert.True((sent, received) == (3, 3), said);
        Assert.Equal(2, said.Split("Failed: source/big.bin [FileWriteError]").Length - 1);
        Assert.Contains("ulimit -f", said);
        Assert.Equal(Files, Arrived());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transfer_runs_with_as_few_open_files_as_it_asks_for(bool limitReceiver)
    {
        (int sent, int received, string said) = await RunAsync("-n 128", [], limitReceiver);

        Assert.True((sent, received) == (0, 0), said);
        Assert.Equal(Files, Arrived());
    }

    [Theory]
    [InlineData("send")]
    [InlineData("receive")]
    public async Task With_fewer_open_files_it_says_so_and_ends(string command)
    {
        await using ToolProcess tool = ToolProcess.StartLimited(Code, "-n 100", [], command, _folder["source"], "--relay", "ws://127.0.0.1:1");

        Assert.Equal(1, await tool.WaitAsync());
        Assert.Contains("error: The system allows this process 100 open files, and it needs 128. [Failure]", tool.Error);
    }

    [Theory]
    [InlineData("relay", "--listen", "127.0.0.1:0", "--log-path", "{log}")]
    [InlineData("demo")]
    public async Task A_file_that_is_not_received_and_grows_beyond_the_limit_does_not_end_the_process(params string[] arguments)
    {
        string log = _folder["log"];
        File.WriteAllBytes(log, new byte[4095 << 10]);
        await using ToolProcess tool = ToolProcess.StartLimited(
            Code, "-f 4095", ["DOTNET_EnableWriteXorExecute=0"], arguments.Select(a => a == "{log}" ? log : a));
        if (arguments[0] == "relay")
        {
            await tool.WaitForLineAsync(l => l.StartsWith("listening on ", StringComparison.Ordinal));
            tool.Terminate();
        }

        Assert.Equal(arguments[0] == "relay" ? 0 : 3, await tool.WaitAsync());
        Assert.DoesNotContain("Internal error", tool.Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("send")]
    [InlineData("receive")]
    public async Task Too_little_address_space_is_told_before_the_memory_runs_out(string command)
    {
        // With a limit of its own for objects, the runtime starts with less than it needs for a transfer.
        await using ToolProcess tool = ToolProcess.StartLimited(
            Code, "-v 1000000", ["DOTNET_GCHeapHardLimit=8000000", "DOTNET_GCRegionRange=8000000"], command, _folder["source"], "--relay", "ws://127.0.0.1:1");

        Assert.Equal(1, await tool.WaitAsync());
        Assert.Contains("error: This process would run out of memory: the system allows it 1,024,000,000 bytes of address space, and it needs 1,073,741,824. [Failure]", tool.Error);
    }

    [Fact]
    public async Task A_receiver_without_memory_says_so_and_the_sender_ends_too()
    {
        AddBig(40 << 20);

        // The runtime takes it from the limit of a container; in hexadecimal. Three buffers of chunks do not fit, and what two of them leave is
        // enough to end in order: where nothing at all is left, the runtime itself can crash.
        (int sent, int received, string said) = await RunAsync("-n 1000", ["DOTNET_GCHeapHardLimit=E80000"], limitReceiver: true);

        // The sender learns it if there is memory left to tell it, and finds the connection lost otherwise.
        Assert.True(received == 1 && sent is 6 or 8, $"The sender ended with {sent} and the receiver with {received}.\n{said}");
        Assert.Contains("error: The transfer failed: this process has no memory left. [Failure]", said);
        Assert.DoesNotContain("   at ", said);
    }

    public void Dispose() => _folder.Dispose();

    private void AddBig(int length)
    {
        byte[] big = new byte[length];
        new Random(1).NextBytes(big);
        File.WriteAllBytes(_folder["source/big.bin"], big);
    }

    private int Arrived() => Directory.GetFiles(_folder["arrived"], "small.txt", SearchOption.AllDirectories).Length;

    private async Task<(int Sent, int Received, string Said)> RunAsync(string limit, string[] variables, bool limitReceiver)
    {
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;
        string[] receive = ["receive", _folder["arrived"], "--relay", address.AbsoluteUri, "--retry-timeout", "3"];
        string[] send = ["send", _folder["source"], "--relay", address.AbsoluteUri, "--compression", "off", "--chunk-size", "4MiB", "--retry-timeout", "3"];
        await using ToolProcess receiver = limitReceiver ? ToolProcess.StartLimited(Code, limit, variables, receive) : ToolProcess.Start(Code, receive);
        await using ToolProcess sender = limitReceiver ? ToolProcess.Start(Code, send) : ToolProcess.StartLimited(Code, limit, variables, send);
        return (await sender.WaitAsync(), await receiver.WaitAsync(), sender.Said + "\n" + receiver.Said);
    }
}
