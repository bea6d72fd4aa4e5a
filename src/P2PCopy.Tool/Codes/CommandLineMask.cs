using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace P2PCopy.Tool.Codes;

/// <summary>
/// Overwrites secrets of the command line in the memory from which the system shows it to other users (proc(5),
/// <c>/proc/PID/cmdline</c>). They remain visible from the start of the process until this call, and in the shell's history.
/// </summary>
internal static class CommandLineMask
{
    // Fields of /proc/self/stat after the name of the program, which may itself contain spaces and parentheses.
    private const int StartField = 45;
    private const int EndField = 46;

    /// <summary>Overwrites every occurrence of the secrets. Does nothing on a system that keeps the command line elsewhere.</summary>
    public static void Hide(IReadOnlyCollection<string> secrets)
    {
        if (secrets.Count == 0 || !OperatingSystem.IsLinux() || Region() is not { } region)
            return;

        byte[] text = new byte[region.Length];
        Marshal.Copy(region.Start, text, 0, text.Length);
        foreach (string secret in secrets.Where(s => s.Length > 0))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(secret);
            for (int at = 0; text.AsSpan(at).IndexOf(bytes) is >= 0 and int found; at += found + bytes.Length)
            {
                for (int i = 0; i < bytes.Length; i++)
                    Marshal.WriteByte(region.Start, at + found + i, (byte)'*');
            }
        }
    }

    private static (nint Start, int Length)? Region()
    {
        try
        {
            string stat = File.ReadAllText("/proc/self/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            long start = long.Parse(fields[StartField], CultureInfo.InvariantCulture);
            long end = long.Parse(fields[EndField], CultureInfo.InvariantCulture);
            return start > 0 && end > start && end - start <= int.MaxValue ? ((nint)start, (int)(end - start)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            // Without /proc there is nothing to read the command line from.
            return null;
        }
    }
}
