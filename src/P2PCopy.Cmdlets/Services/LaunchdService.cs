using System.Globalization;
using System.Security;

namespace P2PCopy.Cmdlets.Services;

/// <summary>A service as a daemon of launchd (launchd.plist(5)).</summary>
internal static class LaunchdService
{
    private const string DefaultAccount = "daemon";

    public static ServicePlan Plan(ServiceDefinition service)
    {
        string label = "org.p2pcopy." + service.Name;
        string account = service.Account ?? DefaultAccount;
        string script = $"{service.Folder}/{service.Name}.ps1";
        string definition = $"/Library/LaunchDaemons/{label}.plist";
        return new ServicePlan
        {
            ScriptPath = script,
            Script = ServiceScript.Text(service, secret => PowerShellLiteral.Quote(secret.Path)),
            DefinitionPath = definition,
            Definition = Plist(service, label, account, script),
            Folders = [service.Folder, service.LogFolder, .. Destination(service)],
            Register =
            [
                ServiceStep.Of("/usr/sbin/chown", account, service.LogFolder),
                .. Destination(service).Select(folder => ServiceStep.Of("/usr/sbin/chown", account, folder)),
                .. service.Secrets.Select(secret => ServiceStep.Of("/usr/sbin/chown", account, secret.Path)),
                ServiceStep.Try("/bin/launchctl", "bootout", "system/" + label),
                ServiceStep.Of("/bin/launchctl", "bootstrap", "system", definition),
            ],
            Unregister = [ServiceStep.Of("/bin/launchctl", "bootout", "system/" + label)],
        };
    }

    private static IEnumerable<string> Destination(ServiceDefinition service) => service.Destination is { } folder ? [folder] : [];

    private static string Plist(ServiceDefinition service, string label, string account, string script)
        => string.Join('\n',
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">",
            $"<!-- Written by {service.RegisteredBy}. -->",
            "<plist version=\"1.0\">",
            "<dict>",
            Entry("Label", Text(label)),
            Entry("ProgramArguments", "<array>"
                + string.Concat(new[] { service.PowerShell, "-NoProfile", "-NonInteractive", "-File", script }.Select(word => $"\n        {Text(word)}"))
                + "\n    </array>"),
            Entry("UserName", Text(account)),
            Entry("RunAtLoad", "<true/>"),
            Entry("KeepAlive", "<dict>\n        <key>SuccessfulExit</key>\n        <false/>\n    </dict>"),
            Entry("ThrottleInterval", "<integer>10</integer>"),
            Entry("ExitTimeOut", string.Create(CultureInfo.InvariantCulture, $"<integer>{service.StopSeconds}</integer>")),
            Entry("Umask", "<integer>63</integer>"),
            Entry("StandardErrorPath", Text($"{service.LogFolder}/error.log")),
            Entry("SoftResourceLimits", "<dict>\n        <key>NumberOfFiles</key>\n        <integer>65536</integer>\n    </dict>"),
            Entry("HardResourceLimits", "<dict>\n        <key>NumberOfFiles</key>\n        <integer>65536</integer>\n    </dict>"),
            Entry("EnvironmentVariables", "<dict>"
                + $"\n        <key>HOME</key>\n        {Text(service.LogFolder)}"
                + "\n        <key>POWERSHELL_TELEMETRY_OPTOUT</key>\n        <string>1</string>"
                + "\n        <key>POWERSHELL_UPDATECHECK</key>\n        <string>Off</string>"
                + "\n    </dict>"),
            "</dict>",
            "</plist>",
            "");

    private static string Entry(string key, string value) => $"    <key>{key}</key>\n    {value}";

    private static string Text(string value) => $"<string>{SecurityElement.Escape(value)}</string>";
}
