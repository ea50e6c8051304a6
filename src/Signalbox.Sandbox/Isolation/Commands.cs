using System.Diagnostics;

namespace Signalbox.Sandbox.Isolation;

/// <summary>Runs short commands of the host to their end.</summary>
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

    /// <summary>What it prints; empty when it fails.</summary>
    public static string Output(IReadOnlyList<string> command) => Run(command, "").Output;

    /// <summary>What it said when it failed; null when it did its work.</summary>
    public static string? ErrorOf(IReadOnlyList<string> command) => Run(command, "").Error;

    private static (string Output, string? Error) Run(IReadOnlyList<string> command, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says how.
        }

        if (!process.WaitForExit(_patience))
        {
            process.Kill(entireProcessTree: true);
            return ("", $"{command[0]} did not end within {_patience.TotalSeconds:0} s");
        }

        var said = error.GetAwaiter().GetResult().Trim();
        return process.ExitCode == 0
            ? (output.GetAwaiter().GetResult(), null)
            : ("", said.Length > 0 ? said : $"{command[0]} ended with {process.ExitCode}");
    }
}
