using System.Diagnostics;
using System.Xml.Linq;
using P2PCopy.Cmdlets.Services;
using P2PCopy.Tests.Documentation;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Unit.Services;

/// <summary>What a service is on each system, as exact text; on every system, because the texts depend on nothing else.</summary>
public sealed class ServicePlanTests
{
    private static readonly ServiceDefinition Relay = new()
    {
        Name = "p2pcopy-relay",
        Description = "P2PCopy relay",
        RegisteredBy = "Register-P2PRelayService",
        Pipeline = "Start-P2PRelay @arguments",
        PowerShell = "/opt/power shell/7/pwsh",
        Module = "/usr/local/share/powershell/Modules/P2PCopy",
        Folder = "/etc/p2pcopy",
        LogFolder = "/var/log/p2pcopy-relay",
        Arguments = [KeyValuePair.Create("Listen", (object)new[] { "*:443" }), KeyValuePair.Create("MaxRate", (object)10_000_000L), KeyValuePair.Create("LogAddresses", (object)true)],
        Secrets = [new SecretArgument("Key", "key.pem", "/etc/p2pcopy/it's 100%.pem"), new SecretArgument("TokenFile", "tokens", "/etc/p2pcopy/tokens")],
    };

    private static readonly ServiceDefinition Held = Relay with
    {
        Sockets = ["443", "[::1]:8765"],
        Arguments = [KeyValuePair.Create("Listen", (object)new[] { "systemd" })],
    };

    private static readonly ServiceDefinition Windows = Relay with
    {
        PowerShell = @"C:\Program Files\PowerShell\7\pwsh.exe",
        Module = @"C:\Program Files\PowerShell\Modules\P2PCopy",
        Folder = @"C:\Program Files\P2PCopy\services",
        LogFolder = @"C:\ProgramData\P2PCopy\p2pcopy-relay",
        Secrets = [new SecretArgument("TokenFile", "tokens", @"C:\P2PCopy\tokens & co.txt")],
        Destination = @"D:\In",
        FirewallPorts = [443],
    };

    private static readonly ServiceDefinition Mac = Relay with
    {
        PowerShell = "/usr/local/microsoft/powershell/7/pwsh",
        Module = "/usr/local/share/powershell/Modules/P2PCopy",
        Folder = "/Library/Application Support/P2PCopy",
        LogFolder = "/Library/Logs/p2pcopy-relay",
    };

    [Theory]
    [InlineData("systemd.service")]
    [InlineData("systemd.ps1")]
    [InlineData("systemd.steps")]
    [InlineData("sockets.service")]
    [InlineData("sockets.socket")]
    [InlineData("sockets.steps")]
    [InlineData("launchd.plist")]
    [InlineData("launchd.ps1")]
    [InlineData("launchd.steps")]
    [InlineData("task.xml")]
    [InlineData("task.ps1")]
    [InlineData("task.steps")]
    public void A_service_is_exactly_this(string name)
    {
        string expected = Path.Combine(Repository.Root, "tests", "Vectors", "Services", name);
        string actual = Text(name).ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("P2PCOPY_UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(expected)!);
            File.WriteAllText(expected, actual);
        }

        Assert.Equal(File.ReadAllText(expected).ReplaceLineEndings("\n"), actual);
    }

    private static string Text(string name)
    {
        ServicePlan plan = name.Split('.')[0] switch
        {
            "systemd" => SystemdService.Plan(Relay),
            "sockets" => SystemdService.Plan(Held),
            "launchd" => LaunchdService.Plan(Mac),
            _ => ScheduledTaskService.Plan(Windows),
        };
        return Path.GetExtension(name) switch
        {
            ".ps1" => plan.Script,
            ".steps" => string.Concat(plan.Folders.Select(f => $"folder {f}\n")) + $"{plan.ScriptPath}\n{plan.DefinitionPath}\n" + (plan.Sockets is { Path: { } path } ? path + "\n" : string.Empty)
                + string.Concat(plan.Register.Select(s => $"+ {s}\n")) + string.Concat(plan.Unregister.Concat(plan.AfterRemoval).Select(s => $"- {s}\n")),
            ".socket" => plan.Sockets!.Value.Text,
            _ => plan.Definition,
        };
    }

    [Fact]
    public void The_xml_of_both_systems_is_well_formed_and_the_task_says_its_encoding()
    {
        XDocument task = XDocument.Parse(Text("task.xml"));
        XDocument.Parse(Text("launchd.plist"));
        Assert.Equal("UTF-16", task.Declaration!.Encoding, ignoreCase: true);
        Assert.Equal("utf-16", ScheduledTaskService.Plan(Windows).DefinitionEncoding.WebName);
        Assert.Equal("PT0S", task.Descendants().Single(e => e.Name.LocalName == "ExecutionTimeLimit").Value);
    }

    [Fact]
    public void No_secret_is_in_a_script_or_a_definition_but_only_the_path_of_its_file()
    {
        Assert.Contains("TokenFile = \"$env:CREDENTIALS_DIRECTORY/tokens\"", Text("systemd.ps1"), StringComparison.Ordinal);
        Assert.Contains("LoadCredential=tokens:/etc/p2pcopy/tokens\n", Text("systemd.service"), StringComparison.Ordinal);
        Assert.DoesNotContain("/etc/p2pcopy/tokens", Text("systemd.ps1"), StringComparison.Ordinal);
    }

    /// <summary>systemd checks the unit of a relay and of a drop box, with each form of a destination.</summary>
    [Theory]
    [InlineData(null, null)]
    [InlineData("/var/lib/p2pcopy-dropbox", null)]
    [InlineData("/srv/in box", "daemon")]
    public void Systemd_accepts_the_unit(string? destination, string? account)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/systemd-analyze"))
            Assert.Skip("systemd-analyze is not installed.");
        using var folder = new TemporaryFolder();
        string unit = Path.Combine(folder.FullPath, "p2pcopy-relay.service");
        File.WriteAllText(unit, SystemdService.Plan(Relay with { PowerShell = "/bin/sh", Destination = destination, Account = account }).Definition);
        Verify(unit);
    }

    private static void Verify(params string[] units)
    {
        var start = new ProcessStartInfo("/usr/bin/systemd-analyze", ["verify", "--man=no", "--generators=no", .. units]) { RedirectStandardError = true };
        using Process verify = Process.Start(start)!;
        string found = verify.StandardError.ReadToEnd();
        verify.WaitForExit();
        Assert.DoesNotContain("p2pcopy-relay.s", found, StringComparison.Ordinal);
        Assert.True(verify.ExitCode == 0, found);
    }

    [Fact]
    public void Systemd_accepts_the_units_of_a_relay_whose_port_it_holds()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/systemd-analyze"))
            Assert.Skip("systemd-analyze is not installed.");
        using var folder = new TemporaryFolder();
        ServicePlan plan = SystemdService.Plan(Held with { PowerShell = "/bin/sh" });
        string[] units = [Path.Combine(folder.FullPath, "p2pcopy-relay.service"), Path.Combine(folder.FullPath, "p2pcopy-relay.socket")];
        File.WriteAllText(units[0], plan.Definition);
        File.WriteAllText(units[1], plan.Sockets!.Value.Text);
        Verify(units);
    }

    [Theory]
    [InlineData("*:8765", "8765")]
    [InlineData("0.0.0.0:443", "0.0.0.0:443")]
    [InlineData("[::1]:443", "[::1]:443")]
    [InlineData("localhost:443", "127.0.0.1:443")]
    [InlineData("127.0.0.1:0", null)]
    [InlineData("unix:/run/relay.sock", null)]
    [InlineData("systemd", null)]
    public void A_listen_address_is_an_address_of_a_socket_unit(string listen, string? stream) => Assert.Equal(stream, SystemdService.Stream(listen));

    [Fact]
    public void A_script_is_known_by_the_cmdlet_and_the_name_that_it_was_written_for()
    {
        string script = Text("systemd.ps1");
        Assert.True(ServiceScript.IsOf(script, "Register-P2PRelayService", "p2pcopy-relay"));
        Assert.False(ServiceScript.IsOf(script, "Register-P2PRelayService", "relay"));
        Assert.False(ServiceScript.IsOf(script, "Register-P2PReceiveService", "p2pcopy-relay"));
        Assert.False(ServiceScript.IsOf("Remove-Item /", "Register-P2PRelayService", "p2pcopy-relay"));
    }
}
