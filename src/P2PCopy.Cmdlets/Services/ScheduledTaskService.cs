using System.Globalization;
using System.Security;
using System.Text;

namespace P2PCopy.Cmdlets.Services;

/// <summary>A service as a task of the Task Scheduler that starts with Windows and never times out (Task Scheduler schema 1.4).</summary>
internal static class ScheduledTaskService
{
    // Local Service: it has no password and few rights, and reaches the network without the machine's identity.
    private const string LocalService = "S-1-5-19";

    private static readonly string[] ServiceAccounts = ["S-1-5-18", "S-1-5-19", "S-1-5-20"];

    public static ServicePlan Plan(ServiceDefinition service)
    {
        string task = @"\P2PCopy\" + service.Name;
        string script = $@"{service.Folder}\{service.Name}.ps1";
        string definition = $@"{service.Folder}\{service.Name}.xml";
        string account = service.Account ?? LocalService;
        string grantee = account.StartsWith("S-1-", StringComparison.Ordinal) ? "*" + account : account;
        return new ServicePlan
        {
            ScriptPath = script,
            Script = ServiceScript.Text(service, secret => PowerShellLiteral.Quote(secret.Path)),
            DefinitionPath = definition,
            Definition = Task(service, task, account, script),
            DefinitionEncoding = Encoding.Unicode,
            Folders = [service.Folder, service.LogFolder, .. Destination(service)],
            Register =
            [
                // Only administrators and the service: other users may create files in a new folder below ProgramData.
                ServiceStep.Of("icacls", service.LogFolder, "/inheritance:r", "/grant:r", "*S-1-5-18:(OI)(CI)F", "*S-1-5-32-544:(OI)(CI)F", grantee + ":(OI)(CI)M"),
                .. Destination(service).Select(folder => ServiceStep.Of("icacls", folder, "/grant", grantee + ":(OI)(CI)M")),
                .. service.Secrets.Select(secret => ServiceStep.Of("icacls", secret.Path, "/grant", grantee + ":R")),
                .. service.FirewallPorts.Take(1).Select(_ => ForgetRule(service)),
                .. service.FirewallPorts.Select(port => ServiceStep.Of(
                    "netsh", "advfirewall", "firewall", "add", "rule", "name=" + Rule(service), "dir=in", "action=allow", "protocol=TCP",
                    string.Create(CultureInfo.InvariantCulture, $"localport={port}"))),
                ServiceStep.Of("schtasks", "/Create", "/TN", task, "/XML", definition, "/F"),
                ServiceStep.Of("schtasks", "/Run", "/TN", task),
            ],
            Unregister =
            [
                ServiceStep.Try("schtasks", "/End", "/TN", task),
                ServiceStep.Of("schtasks", "/Delete", "/TN", task, "/F"),
                ForgetRule(service),
            ],
        };
    }

    private static ServiceStep ForgetRule(ServiceDefinition service)
        => ServiceStep.Try("netsh", "advfirewall", "firewall", "delete", "rule", "name=" + Rule(service));

    private static string Rule(ServiceDefinition service) => $"P2PCopy ({service.Name})";

    private static IEnumerable<string> Destination(ServiceDefinition service) => service.Destination is { } folder ? [folder] : [];

    private static string Task(ServiceDefinition service, string task, string account, string script)
        => string.Join("\r\n", (string[])
        [
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
            $"<!-- Written by {service.RegisteredBy}. -->",
            "<Task version=\"1.4\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">",
            "  <RegistrationInfo>",
            $"    <Description>{Escape(service.Description)}</Description>",
            $"    <URI>{Escape(task)}</URI>",
            "  </RegistrationInfo>",
            "  <Triggers>",
            "    <BootTrigger>",
            "      <Enabled>true</Enabled>",
            "    </BootTrigger>",
            "  </Triggers>",
            "  <Principals>",
            "    <Principal id=\"Service\">",
            $"      <UserId>{Escape(account)}</UserId>",
            .. ServiceAccounts.Contains(account) ? Array.Empty<string>() : ["      <LogonType>S4U</LogonType>"],
            "      <RunLevel>LeastPrivilege</RunLevel>",
            "    </Principal>",
            "  </Principals>",
            "  <Settings>",
            "    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>",
            "    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>",
            "    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>",
            "    <StartWhenAvailable>true</StartWhenAvailable>",
            "    <IdleSettings>",
            "      <StopOnIdleEnd>false</StopOnIdleEnd>",
            "      <RestartOnIdle>false</RestartOnIdle>",
            "    </IdleSettings>",
            "    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>",
            "    <Priority>5</Priority>",
            "    <RestartOnFailure>",
            "      <Interval>PT1M</Interval>",
            "      <Count>999</Count>",
            "    </RestartOnFailure>",
            "  </Settings>",
            "  <Actions Context=\"Service\">",
            "    <Exec>",
            $"      <Command>{Escape(service.PowerShell)}</Command>",
            $"      <Arguments>-NoProfile -NonInteractive -File \"{Escape(script)}\"</Arguments>",
            $"      <WorkingDirectory>{Escape(service.Folder)}</WorkingDirectory>",
            "    </Exec>",
            "  </Actions>",
            "</Task>",
            "",
        ]);

    private static string Escape(string text) => SecurityElement.Escape(text);
}
