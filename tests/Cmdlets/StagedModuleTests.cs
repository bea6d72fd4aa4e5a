using System.Reflection;
using System.Text.RegularExpressions;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>What the staged module must have so that two of its versions can be in one session.</summary>
public sealed class StagedModuleTests
{
    /// <summary>.NET loads only one assembly of a name into the context of PowerShell.</summary>
    [Fact]
    public void The_assembly_of_the_cmdlets_has_its_version_in_its_name()
    {
        string version = Regex.Match(File.ReadAllText(StagedModule.Manifest), @"ModuleVersion\s*=\s*'([^']+)'").Groups[1].Value;
        Assert.Equal("P2PCopy.Cmdlets." + version, AssemblyName.GetAssemblyName(StagedModule.Assembly).Name);
    }

    [Fact]
    public void The_engine_is_in_a_context_of_its_own()
    {
        using var session = new PowerShellSession();
        Assert.Matches("^[0-9a-z]{6}(-[a-z]+){3}$", session.Run("New-P2PCode").Text);
        Assert.Contains(System.Runtime.Loader.AssemblyLoadContext.All, c => c.Name == "P2PCopy" && c.Assemblies.Any(a => a.GetName().Name == "P2PCopy.Core"));
    }
}
