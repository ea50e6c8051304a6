using Microsoft.Extensions.Logging.Abstractions;

namespace Signalbox.Sandbox.Tests;

/// <summary>A pool with a work directory of its own, and short ways to run code in it.</summary>
internal sealed class TestPool : IAsyncDisposable
{
    private static int _ids;

    public TestPool(Func<SandboxOptions, SandboxOptions>? configure = null, TimeProvider? time = null)
    {
        WorkDirectory = Path.Combine(Path.GetTempPath(), "sbx-" + Guid.NewGuid().ToString("N")[..12]);
        var options = new SandboxOptions
        {
            WorkDirectory = WorkDirectory,
            PrestartedProcesses = 0,
            PrestartedUsedSizesMax = 0,
            Network = SandboxNetwork.None,
        };
        Pool = new SandboxPool(configure?.Invoke(options) ?? options, time ?? TimeProvider.System, NullLogger<SandboxPool>.Instance);
    }

    public string WorkDirectory { get; }

    public SandboxPool Pool { get; }

    public static SandboxedAction Action(string code) => new()
    {
        Id = $"guest/action{Interlocked.Increment(ref _ids)}@0.0.1",
        Owner = "guest",
        Kind = "nodejs:default",
        Code = code,
        IsBinary = false,
        Environment = new Dictionary<string, string>(),
        Timeout = TimeSpan.FromSeconds(20),
        MemoryMb = 256,
        LogBytesMax = 1024 * 1024,
        Concurrency = 1,
    };

    public static SandboxRequest Request(string arguments = "{}") => new()
    {
        ActivationId = Guid.NewGuid().ToString("N"),
        Arguments = System.Text.Encoding.UTF8.GetBytes(arguments),
        Context = new Dictionary<string, string>(),
    };

    public Task<SandboxOutcome> RunAsync(string code, string arguments = "{}") => RunAsync(Action(code), arguments);

    public Task<SandboxOutcome> RunAsync(SandboxedAction action, string arguments = "{}") =>
        Pool.RunAsync(action, Request(arguments), CancellationToken.None);

    /// <summary>Until so many processes wait for code.</summary>
    public async Task WaitForPrestartedAsync(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Pool.Prestarted < count)
        {
            await Task.Delay(10, patience.Token);
        }
    }

    public ValueTask DisposeAsync() => Pool.DisposeAsync();
}
