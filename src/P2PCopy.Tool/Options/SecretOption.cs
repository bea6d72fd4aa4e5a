using System.CommandLine;

namespace P2PCopy.Tool.Options;

/// <summary>An option with a secret value, which the list of processes must not show.</summary>
internal sealed class SecretOption(string name) : Option<string?>(name);
