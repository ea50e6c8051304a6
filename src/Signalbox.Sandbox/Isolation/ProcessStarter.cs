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

    /// <summary>
    /// What is open in this server is no action's business. .NET opens most descriptors so that they end with exec, but
    /// not all (the netlink socket that watches the host's addresses), and a shell may have left pipes open to it. So it
    /// is seen to before each start; the pipes of the start itself are handed over in their own way.
    /// </summary>
    private static void CloseAllOnExec()
    {
        try
        {
            _ = NativeMethods.CloseRange(FirstDescriptorAfterStandardOnes, uint.MaxValue, CloseOnExec);
        }
        catch (EntryPointNotFoundException)
        {
            // An older C library: what .NET does not close on exec stays open.
        }
    }

    private void Run()
    {
        foreach (var (info, started) in _queue.GetConsumingEnumerable())
        {
            try
            {
                CloseAllOnExec();
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
