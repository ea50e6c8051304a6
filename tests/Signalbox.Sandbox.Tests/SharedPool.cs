namespace Signalbox.Sandbox.Tests;

/// <summary>One pool for the tests of a class that do not mind their neighbours.</summary>
public sealed class SharedPool : IAsyncDisposable
{
    internal TestPool Pool { get; } = new(options => options with { PrestartedProcesses = 1 });

    public ValueTask DisposeAsync() => Pool.DisposeAsync();
}
