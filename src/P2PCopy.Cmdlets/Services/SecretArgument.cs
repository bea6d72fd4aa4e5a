namespace P2PCopy.Cmdlets.Services;

/// <summary>A parameter whose value is a file that only the service may read.</summary>
/// <param name="Parameter">The name of the parameter.</param>
/// <param name="Id">A short name for the file, unique in the service.</param>
/// <param name="Path">The full path.</param>
internal sealed record SecretArgument(string Parameter, string Id, string Path);
