using System.Collections;
using System.Management.Automation;
using System.Reflection;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Services;

namespace P2PCopy.Cmdlets;

/// <summary>The common part of the cmdlets that register a service.</summary>
public abstract class RegisterServiceCommand : ServiceCommand
{
    /// <summary>More parameters of the cmdlet that the service runs.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Parameters { get; set; }

    /// <summary>The folder for log files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogFolder { get; set; }

    /// <summary>The account of the service.</summary>
    [Parameter]
    [ValidatePattern("^[^\\x00-\\x1f]+$")]
    public string? Account { get; set; }

    /// <summary>Replaces a service of the same name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected abstract Type Cmdlet { get; }

    private protected string RegisteredBy => MyInvocation.MyCommand.Name;

    /// <summary>The definition with the common values of all services.</summary>
    private protected ServiceDefinition Define(string name, string description, string pipeline, IEnumerable<(string Name, object? Value)> arguments)
    {
        List<KeyValuePair<string, object>> all = [.. arguments.Where(a => a.Value is not null).Select(a => KeyValuePair.Create(a.Name, a.Value!))];
        all.AddRange(More(all));
        return new ServiceDefinition
        {
            Name = name,
            Description = description,
            RegisteredBy = RegisteredBy,
            Pipeline = pipeline,
            PowerShell = PowerShell(),
            Module = ModuleFolder(),
            Folder = ServiceFolders.Scripts,
            LogFolder = new PathResolver(this).Option(LogFolder, "-LogFolder") ?? ServiceFolders.Logs(name),
            Account = Account,
            Arguments = all,
        };
    }

    /// <summary>A secret file of the service; nothing without a path. A file that other users can read ends the command.</summary>
    private protected IEnumerable<SecretArgument> Secret(string? path, string parameter, string id, bool isSecret = true)
    {
        if (new PathResolver(this).Option(path, "-" + parameter) is not { } file)
            return [];
        if (!File.Exists(file))
            throw End(new ItemNotFoundException($"-{parameter}: the file '{path}' does not exist."), "PathNotFound", ErrorCategory.ObjectNotFound, path);
        return [isSecret ? ReadSecret(file, path, "-" + parameter, () => new SecretArgument(parameter, id, file)) : new SecretArgument(parameter, id, file)];
    }

    /// <summary>Registers the service, or writes what would be created.</summary>
    private protected void Register(ServiceDefinition service)
    {
        ServicePlan plan;
        try
        {
            plan = ServiceFolders.Plan(ServiceFolders.Current, service);
        }
        catch (ArgumentException e)
        {
            throw Invalid(e.Message, null);
        }

        var result = new P2PService(service.Name, plan);
        string? problem = ServiceFolders.Problem(service.PowerShell, isProgram: true)
            ?? ServiceFolders.Problem(Path.Combine(Path.GetDirectoryName(typeof(EngineLoader).Assembly.Location)!, "P2PCopy.psd1"));
        bool? own = IsOwn(plan, RegisteredBy, service.Name);
        if (!ShouldProcess($"{service.Name} ({plan.DefinitionPath})", "Register service"))
        {
            if (problem is not null)
                WriteWarning(problem);
            WriteObject(result);
            return;
        }

        if (problem is not null)
            throw Invalid(problem, service.Name, "Install PowerShell and the module for all users.");
        if (own is not null && (own is false || !Force))
        {
            throw End(
                new IOException(own is false ? $"Something else has the name of the service {service.Name}." : $"The service {service.Name} exists already."),
                "ServiceExists", ErrorCategory.ResourceExists, service.Name, own is false ? "Choose another -Name." : "Use -Force to replace it.");
        }

        RequireAdministrator();
        Carry(installer => installer.Register(plan), service.Name);
        WriteObject(result);
    }

    private IEnumerable<KeyValuePair<string, object>> More(List<KeyValuePair<string, object>> given)
    {
        HashSet<string> known = new(StringComparer.OrdinalIgnoreCase);
        foreach (PropertyInfo property in Cmdlet.GetProperties())
        {
            if (property.IsDefined(typeof(ParameterAttribute)))
                known.Add(property.Name);
        }

        foreach (DictionaryEntry entry in Parameters ?? [])
        {
            string name = entry.Key.ToString()!;
            if (!known.TryGetValue(name, out string? real))
                throw Invalid($"-Parameters: the cmdlet of the service has no parameter {name}.", name);
            if (real is "Token" or "Code" or "ProxyCredential")
                throw Invalid($"-Parameters: {real} is a secret and must not be in a script.", real, "Use a file that only the service can read.");
            if (given.Exists(g => g.Key == real) || MyInvocation.MyCommand.Parameters.ContainsKey(real))
                throw Invalid($"-Parameters: {real} is set by {RegisteredBy}.", real);
            if (PowerShellLiteral.Of(entry.Value) is null)
                throw Invalid($"-Parameters: the value of {real} cannot be written into a script.", real, "Use text, numbers, true, false or a list of them.");
            yield return KeyValuePair.Create(real, entry.Value!);
        }
    }

    private string PowerShell()
    {
        string program = Path.Combine((string)GetVariableValue("PSHOME", string.Empty), OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh");
        if (File.Exists(program))
            return program;
        throw End(new FileNotFoundException($"There is no pwsh in the folder of PowerShell: {program}"), "PathNotFound", ErrorCategory.ObjectNotFound, program);
    }

    // The folder above the version, so that an upgrade of the module also upgrades the service.
    private static string ModuleFolder()
    {
        string folder = Path.GetDirectoryName(typeof(EngineLoader).Assembly.Location)!;
        return Version.TryParse(Path.GetFileName(folder), out _) && Path.GetDirectoryName(folder) is { } above ? above : Path.Combine(folder, "P2PCopy.psd1");
    }
}
