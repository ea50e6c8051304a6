using System.Diagnostics;

namespace Signalbox.EndToEnd.Tests;

/// <summary>A child process that never outlives the test process, not even when that is killed.</summary>
public sealed class LeashedProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _ended;

    private LeashedProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => Output.Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _ended = process.WaitForExitAsync();
    }

    public ProcessOutput Output { get; } = new();

    public bool HasExited => _process.HasExited;

    public int Id => _process.Id;

    public static LeashedProcess Start(string command, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo("setpriv")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var argument in (string[])["--pdeathsig=KILL", "--", command, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        // The kernel's parent-death signal follows the thread that forked: this one lives as long as the child.
        var started = new TaskCompletionSource<LeashedProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        var keeper = new Thread(() =>
        {
            try
            {
                var process = Process.Start(start)!;
                started.SetResult(new LeashedProcess(process));
                process.WaitForExit();
            }
            catch (Exception exception) when (!started.Task.IsCompleted)
            {
                started.SetException(exception);
            }
        })
        { IsBackground = true, Name = $"keeper of {command}" };
        keeper.Start();
        return started.Task.GetAwaiter().GetResult();
    }

    /// <summary>SIGKILL to the process alone, as a crash: what it started has to notice by itself.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: false);
        }

        await _ended;
    }

    /// <summary>SIGTERM, and the exit code when it ends in time.</summary>
    public async Task<int> TerminateAsync(TimeSpan within)
    {
        await SignalAsync("TERM");
        return await WaitForExitAsync(within);
    }

    /// <summary>Sends a signal, such as <c>STOP</c> or <c>CONT</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>The exit code when it ends in time.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan within)
    {
        try
        {
            await _ended.WaitAsync(within);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The process did not end within {within.TotalSeconds} s. It printed:\n{Output}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
