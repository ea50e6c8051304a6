using System.ComponentModel;
using System.Diagnostics;

namespace Signalbox.Sandbox.Kinds;

/// <summary>
/// The machine's <c>npm</c>: it finds the registry by the user's own configuration, checks what it fetched against
/// the registry's hashes, and keeps a cache. Scripts of packages are not run.
/// </summary>
internal sealed class NpmClient
{
    private const int ErrorCharsMax = 600;

    private static readonly string[] _common =
    [
        "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--prefer-offline",
        "--fetch-retries=3", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=10000", "--fetch-timeout=60000",
    ];

    private readonly string? _npm = Executable.Find("npm");
    private readonly TimeSpan _timeout;

    public NpmClient(TimeSpan timeout)
    {
        _timeout = timeout;
    }

    public bool IsPresent => _npm is not null;

    /// <summary>Runs one command in a folder.</summary>
    /// <exception cref="KindUnavailableException">It is not there, failed, or took too long.</exception>
    public async Task RunAsync(string folder, params string[] arguments)
    {
        if (_npm is null)
        {
            throw new KindUnavailableException("npm is not on PATH (Debian: apt install npm)");
        }

        var info = new ProcessStartInfo(_npm, [.. arguments, .. _common])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        try
        {
            using var process = Process.Start(info)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            try
            {
                await process.WaitForExitAsync().WaitAsync(_timeout, TimeProvider.System);
            }
            catch (TimeoutException)
            {
                process.Kill(entireProcessTree: true);
                throw new KindUnavailableException($"'npm {string.Join(' ', arguments)}' took longer than {_timeout.TotalSeconds:0} s");
            }

            if (process.ExitCode != 0)
            {
                throw new KindUnavailableException($"'npm {string.Join(' ', arguments)}' failed: {Shorten(await error + await output)}");
            }
        }
        catch (Win32Exception exception)
        {
            throw new KindUnavailableException($"npm could not be started: {exception.Message}", exception);
        }
    }

    private static string Shorten(string text)
    {
        var line = string.Join("; ", text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.Contains("A complete log of this run", StringComparison.Ordinal))
            .Select(line => line.StartsWith("npm error ", StringComparison.Ordinal) ? line[10..] : line));
        return line.Length <= ErrorCharsMax ? line : line[..ErrorCharsMax] + "…";
    }
}
