using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace P2PCopy.Cmdlets.Services;

/// <summary>Carries out a plan. If a step fails, the files stay, so that the administrator can see what was tried.</summary>
/// <param name="say">Gets each step before it runs.</param>
internal sealed class ServiceInstaller(Action<string> say)
{
    private const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <exception cref="InvalidOperationException">A step failed.</exception>
    /// <exception cref="IOException">A file could not be written.</exception>
    public void Register(ServicePlan plan)
    {
        foreach (string folder in plan.Folders)
        {
            say($"Creating the folder {folder}");
            Directory.CreateDirectory(folder);
        }

        Write(plan.ScriptPath, plan.Script, new UTF8Encoding(encoderShouldEmitUTF8Identifier: OperatingSystem.IsWindows()));
        Write(plan.DefinitionPath, plan.Definition, plan.DefinitionEncoding);
        if (plan.Sockets is { } sockets)
            Write(sockets.Path, sockets.Text, plan.DefinitionEncoding);
        Run(plan.Register);
    }

    /// <exception cref="InvalidOperationException">A step failed.</exception>
    /// <exception cref="IOException">A file could not be deleted.</exception>
    public void Unregister(ServicePlan plan)
    {
        Run(plan.Unregister);
        foreach (string? file in (string?[])[plan.DefinitionPath, plan.Sockets?.Path, plan.ScriptPath])
        {
            if (file is null)
                continue;
            say($"Deleting {file}");
            File.Delete(file);
        }

        Run(plan.AfterRemoval);
    }

    // Written to a temporary file and renamed, so that a service manager never reads an incomplete file.
    private void Write(string path, string text, Encoding encoding)
    {
        say($"Writing {path}");
        string fresh = path + ".new";
        File.WriteAllText(fresh, text, encoding);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(fresh, ForAll);
        File.Move(fresh, path, overwrite: true);
    }

    private void Run(IEnumerable<ServiceStep> steps)
    {
        foreach (ServiceStep step in steps)
        {
            say($"Running {step}");
            (int status, string output) = Start(step);
            if (status != 0 && !step.MayFail)
                throw new InvalidOperationException($"'{step}' ended with status {status}{(output.Length > 0 ? $": {output}" : ".")}");
        }
    }

    private static (int Status, string Output) Start(ServiceStep step)
    {
        var start = new ProcessStartInfo(step.Command[0], step.Command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            output += errors.GetAwaiter().GetResult();
            process.WaitForExit();
            return (process.ExitCode, output.ReplaceLineEndings(" ").Trim());
        }
        catch (Win32Exception e)
        {
            return (-1, e.Message);
        }
    }
}
