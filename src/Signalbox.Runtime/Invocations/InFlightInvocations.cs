using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Signalbox.Runtime.Invocations;

/// <summary>
/// The invocations that run now, whether somebody waits for them or not: bounded in number, and waited for when the
/// server stops.
/// </summary>
internal sealed partial class InFlightInvocations(RuntimeOptions options, ILogger<InFlightInvocations> logger) : IHostedService
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private volatile bool _stopping;

    /// <summary>Counts a run in; false when too many run already or the server stops. After true, call <see cref="Leave"/> once.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= options.InFlightMax && !_stopping)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0 && _stopping)
        {
            _drained.TrySetResult();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits until all have ended, or until the host's patience has.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        // One more that leaves at once: whoever leaves last after "stopping" was set reports the end.
        Interlocked.Increment(ref _count);
        Leave();
        try
        {
            await _drained.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Log.Abandoned(logger, Volatile.Read(ref _count));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The server stops while {Count} activations still run; they leave no record")]
        public static partial void Abandoned(ILogger logger, int count);
    }
}
