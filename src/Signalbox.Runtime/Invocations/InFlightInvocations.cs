using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Runtime.Activations;

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

    /// <summary>Starts a run; null when too many run already or the server stops.</summary>
    public Task<Activation>? TryStart(Func<Task<Activation>> run)
    {
        if (Interlocked.Increment(ref _count) > options.InFlightMax || _stopping)
        {
            Leave();
            return null;
        }

        return TrackAsync(run);
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

    private async Task<Activation> TrackAsync(Func<Task<Activation>> run)
    {
        try
        {
            return await run();
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0 && _stopping)
        {
            _drained.TrySetResult();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The server stops while {Count} activations still run; they leave no record")]
        public static partial void Abandoned(ILogger logger, int count);
    }
}
