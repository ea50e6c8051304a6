using System.Diagnostics;
using System.Globalization;

namespace Signalbox.Sandbox.Isolation;

/// <summary>
/// Wraps a command so that it starts inside its control group and its resource limits: a small shell script sets
/// them on itself and becomes the command.
/// </summary>
internal static class LimitedShell
{
    /// <summary>Where the command finds the system call filter opened.</summary>
    public const int FilterDescriptor = 9;

    private const int LimitBlockBytes = 512;

    public static ProcessStartInfo Wrap(
        IReadOnlyList<string> command, ProcessFolder folder, ControlGroup? group, string? filterPath, SandboxOptions options)
    {
        var enter = group is null ? "" : string.Concat(group.ProcessFiles.Select(file => $"echo $$ >{Shell.Quote(file)} || exit 126; "));
        var filter = filterPath is null ? "" : string.Create(CultureInfo.InvariantCulture, $" {FilterDescriptor}<{Shell.Quote(filterPath)}");
        var script = string.Create(
            CultureInfo.InvariantCulture,
            $"exec </dev/null >{Shell.Quote(folder.OutputPath)} 2>&1{filter}; {enter}ulimit -c 0; ulimit -n {options.OpenFilesMax}; ulimit -f {options.TemporaryMb * 1024L * 1024 / LimitBlockBytes}; exec \"$@\"");
        var info = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add(script);
        info.ArgumentList.Add("sandbox");
        foreach (var argument in command)
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment.Clear();
        info.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        return info;
    }
}
