using System.Text;

namespace P2PCopy.Cmdlets.Services;

/// <summary>The script that a service runs. It holds no secret, only the paths of secret files.</summary>
internal static class ServiceScript
{
    /// <param name="service">The service.</param>
    /// <param name="secret">The expression for the path of a secret file.</param>
    /// <exception cref="ArgumentException">A value cannot be written into a script.</exception>
    public static string Text(ServiceDefinition service, Func<SecretArgument, string> secret)
    {
        var text = new StringBuilder($"# {service.Description}. Written by {service.RegisteredBy} -Name {service.Name}.\n");
        text.Append("$ErrorActionPreference = 'Stop'\n");
        text.Append("$PSStyle.OutputRendering = 'PlainText'\n");
        text.Append($"Import-Module -Name {PowerShellLiteral.Quote(service.Module)}\n");
        text.Append($"$log = {PowerShellLiteral.Quote(service.LogFolder)}\n");
        text.Append("$arguments = @{\n");
        foreach ((string name, object value) in service.Arguments)
        {
            string literal = PowerShellLiteral.Of(value)
                ?? throw new ArgumentException($"The value of {name} cannot be written into the script of a service: use text, numbers, true, false or a list of them.");
            text.Append($"    {name} = {literal}\n");
        }

        foreach (SecretArgument file in service.Secrets)
            text.Append($"    {file.Parameter} = {secret(file)}\n");
        return text.Append($"}}\n{service.Pipeline}\n").ToString();
    }

    /// <summary>Whether a script was written by this cmdlet for this service.</summary>
    public static bool IsOf(string script, string registeredBy, string name)
        => script.StartsWith('#') && script.Split('\n', 2)[0].TrimEnd().EndsWith($" Written by {registeredBy} -Name {name}.", StringComparison.Ordinal);
}
