using System.Collections.Concurrent;
using System.Diagnostics;

namespace Signalbox.Sandbox.Isolation;

/// <summary>
/// Starts processes on one thread that lives as long as the pool. The kernel ends a process that asked for it when
/// the *thread* that started it dies, so a thread of the thread pool, which may retire at any time, must not do it.
/// </summary>
internal sealed class ProcessStarter : IDisposable
{
    private const uint FirstDescriptorAfterStandardOnes = 3;
    private const uint CloseOnExec = 4;

    private readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Started)> _queue = [];
    private readonly Thread _thread;

    public ProcessStarter()
    {
        CloseInheritedOnExec();
        _thread = new Thread(Run) { IsBackground = true, Name = "sandbox-starter" };
        _thread.Start();
    }

    /// <exception cref="System.ComponentModel.Win32Exception">The executable cannot be started.</exception>
    public Task<Process> StartAsync(ProcessStartInfo info)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Add((info, started));
        return started.Task;
    }

    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
    }

    /// <summary>What this server's own starter left open (a shell's pipes) is no action's business; .NET opens its own this way already.</summary>
    private static void CloseInheritedOnExec()
    {
        try
        {
            _ = NativeMethods.CloseRange(FirstDescriptorAfterStandardOnes, uint.MaxValue, CloseOnExec);
        }
        catch (EntryPointNotFoundException)
        {
            // An older C library: descriptors that were inherited stay inherited.
        }
    }

    private void Run()
    {
        foreach (var (info, started) in _queue.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(info)!);
            }
#pragma warning disable CA1031 // Belongs to the caller, not to the starter's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                started.SetException(exception);
            }
        }
    }
}
