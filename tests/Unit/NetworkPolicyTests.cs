using P2PCopy.Tests.Documentation;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit;

/// <summary>Outside network namespaces of their own, tests, documentation and benchmarks send no packet to another machine.</summary>
public sealed class NetworkPolicyTests
{
    [Fact]
    public void This_process_and_what_it_starts_neither_connect_directly_nor_look_for_the_other_side()
    {
        Assert.Equal("Off", Environment.GetEnvironmentVariable(NetworkPolicy.Direct));
        Assert.Equal("Off", Environment.GetEnvironmentVariable(NetworkPolicy.Discovery));
        Assert.Equal(DirectMode.Off, new SendOptions().DirectSettings.Mode);
        Assert.Equal(DiscoveryMode.Off, new ReceiveOptions().DiscoverySetting);
    }

    [Theory]
    [InlineData("tests/prelude.sh")]
    [InlineData(".ci/run")]
    [InlineData("tests/Interop/run.py")]
    [InlineData("tests/Pester/Run.ps1")]
    [InlineData("tests/Packages/check.sh")]
    [InlineData("tests/Chaos/processes.py")]
    [InlineData("tests/Windows/run.sh")]
    [InlineData("bench/Transfers/TimedProcess.cs")]
    [InlineData("bench/startup.sh")]
    [InlineData("tests/Docs/terminals.sh")]
    public void Every_script_that_runs_the_tool_turns_both_off(string script)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, script));
        Assert.Matches("P2PCOPY_DIRECT\\W+[Oo]ff", text);
        Assert.Matches("P2PCOPY_DISCOVERY\\W+[Oo]ff", text);
    }
}
