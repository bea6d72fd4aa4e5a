using System.Diagnostics;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>Runs a command of the system for what the library cannot do.</summary>
internal static class Shell
{
    public static string Run(string program, params string[] arguments)
    {
        (int status, string output, string errors) = TryRun(program, arguments);
        return status == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors}");
    }

    public static (int Status, string Output, string Errors) TryRun(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
