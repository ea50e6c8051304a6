using System.ComponentModel;
using System.Diagnostics;

namespace Signalbox.Sandbox.Kinds;

/// <summary>Looks up executables and asks them small questions.</summary>
internal static class Executable
{
    private static readonly TimeSpan _answerTimeout = TimeSpan.FromSeconds(20);

    /// <summary>The absolute path of a name on <c>PATH</c>, or of a path itself; null when no such file exists.</summary>
    public static string? Find(string nameOrPath)
    {
        if (nameOrPath.Contains('/'))
        {
            return File.Exists(nameOrPath) ? Path.GetFullPath(nameOrPath) : null;
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, nameOrPath))
            .FirstOrDefault(File.Exists);
    }

    public static string ResolveLinks(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);

    /// <summary>What the executable prints; empty when it cannot be started or fails.</summary>
    public static string Output(string path, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(path, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var reading = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(_answerTimeout))
            {
                process.Kill(entireProcessTree: true);
                return "";
            }

            return process.ExitCode == 0 ? reading.GetAwaiter().GetResult() : "";
        }
        catch (Win32Exception)
        {
            return "";
        }
    }
}
