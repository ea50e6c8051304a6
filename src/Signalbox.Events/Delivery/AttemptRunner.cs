using Microsoft.Extensions.Logging;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Delivery;

/// <summary>Runs attempts on their own threads, and says how each ended, whatever happens in it.</summary>
internal sealed partial class AttemptRunner(
    IDeliverer deliverer, IAttemptThreads threads, Action<StartedAttempt, AttemptEnd> ended, TimeProvider clock, ILogger logger) : IDisposable
{
    private readonly CancellationTokenSource _abandon = new();

    public void Start(StartedAttempt attempt) => threads.Start(new Run(this, attempt));

    /// <summary>Ends what still runs; nothing of it is kept.</summary>
    public Task AbandonAsync() => _abandon.CancelAsync();

    public void Dispose() => _abandon.Dispose();

    private async Task RunAsync(StartedAttempt attempt) => ended(attempt, await AttemptAsync(attempt.Parcel));

    private async Task<AttemptEnd> AttemptAsync(Parcel parcel)
    {
        var begunAt = clock.GetUtcNow();
        if (parcel.Deliveries.Any(delivery => delivery.ClaimedUntil - begunAt < DeliveryClaim.Lifetime / 3))
        {
            return new AttemptEnd.Postponed(begunAt);
        }

        try
        {
            return new AttemptEnd.Kept(await deliverer.AttemptAsync(parcel, _abandon.Token));
        }
        catch (OperationCanceledException) when (_abandon.IsCancellationRequested)
        {
            return new AttemptEnd.Abandoned(clock.GetUtcNow());
        }
        catch (OutcomeUnkeptException exception)
        {
            Log.Unkept(logger, exception.InnerException!, parcel.Deliveries.Count, parcel.Registration.Id);
            return new AttemptEnd.Broke(clock.GetUtcNow(), exception.NotBefore);
        }
#pragma warning disable CA1031 // A delivery that breaks must not take its lane with it; its row remains.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Broke(logger, exception, parcel.Deliveries.Count, parcel.Registration.Id);
            return new AttemptEnd.Broke(clock.GetUtcNow());
        }
    }

    private sealed class Run(AttemptRunner runner, StartedAttempt attempt) : IThreadPoolWorkItem
    {
        public void Execute() => _ = runner.RunAsync(attempt);
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "The outcome of delivering {Count} event(s) to registration {RegistrationId} could not be kept; the attempt is repeated")]
        public static partial void Unkept(ILogger logger, Exception exception, int count, RegistrationId registrationId);

        [LoggerMessage(1, LogLevel.Error, "Delivering {Count} event(s) to registration {RegistrationId} could not be attempted; it is tried again")]
        public static partial void Broke(ILogger logger, Exception exception, int count, RegistrationId registrationId);
    }
}
