using System.Diagnostics;

namespace Signalbox.Bench;

/// <summary>A process of the benchmark's own, ended with it.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>Starts a process and waits until it prints a line that holds <paramref name="ready"/>.</summary>
    public static async Task<ChildProcess> StartAsync(string file, IEnumerable<string> arguments, string ready, CancellationToken cancellationToken)
    {
        var process = Process.Start(Info(file, arguments))!;
        var seen = new TaskCompletionSource();
        var output = new List<string>();
        void Read(string? line)
        {
            if (line is null)
            {
                return;
            }

            lock (output)
            {
                // The start is what explains a failure; what comes later is only drained.
                if (output.Count < 200)
                {
                    output.Add(line);
                }
            }

            if (line.Contains(ready, StringComparison.Ordinal))
            {
                seen.TrySetResult();
            }
        }

        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var exited = process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(seen.Task, exited, Task.Delay(TimeSpan.FromSeconds(60), cancellationToken)) != seen.Task)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"'{file}' did not become ready:\n{string.Join('\n', output)}");
        }

        return new ChildProcess(process);
    }

    public int Id => _process.Id;

    /// <summary>Runs a process to its end and returns what it printed.</summary>
    public static async Task<string> RunAsync(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken)
    {
        var info = Info(file, arguments);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[name] = value;
        }

        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"'{file}' ended with {process.ExitCode}: {await error}{output}");
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static ProcessStartInfo Info(string file, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(file) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        return info;
    }
}
