using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Signalbox.Sandbox.Isolation;

/// <summary>Runs short commands of the host to their end, on the caller's thread. For the start and for rare changes.</summary>
internal static class Commands
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <exception cref="IsolationException">It failed; the message is what it printed.</exception>
    public static void Require(IReadOnlyList<string> command, string input = "")
    {
        if (Run(command, input) is { Error: { } error })
        {
            throw new IsolationException(error);
        }
    }

    /// <summary>What it prints; empty when it cannot be started, fails, or takes too long.</summary>
    public static string Output(params IReadOnlyList<string> command) => Run(command, "").Output;

    private static (string Output, string? Error) Run(IReadOnlyList<string> command, string input)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        var (output, error) = (new StringBuilder(), new StringBuilder());
        process.OutputDataReceived += (_, line) => output.Append(line.Data).Append('\n');
        process.ErrorDataReceived += (_, line) => error.Append(line.Data).Append('\n');
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            return ("", $"{command[0]} cannot be started: {exception.Message}");
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Feed(process, input);
        if (!process.WaitForExit(_patience))
        {
            process.Kill(entireProcessTree: true);
            return ("", $"{command[0]} did not end within {_patience.TotalSeconds:0} s");
        }

        // Until the last line of both has come.
        process.WaitForExit();
        var said = error.ToString().Trim();
        return process.ExitCode == 0
            ? (output.ToString(), null)
            : ("", said.Length > 0 ? said : $"{command[0]} ended with {process.ExitCode}");
    }

    private static void Feed(Process process, string input)
    {
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says how.
        }
    }
}
