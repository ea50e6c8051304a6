using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;
using Signalbox.Storage.Faults;

namespace Signalbox.Events.Delivery;

/// <summary>
/// Brings due rows of <c>deliveries</c> to the dispatcher: retries, what a restart found, what had no place in
/// memory; and what becomes of the registrations they are owed to. Sleeps until the next row is due or a lane rings.
/// </summary>
internal sealed partial class DueDeliveries(
    IOwedDeliveries store,
    Dispatcher dispatcher,
    DeliveryBell bell,
    IEventReader events,
    IRegistrationDirectory registrations,
    TimeProvider clock,
    ILogger<DueDeliveries> logger) : BackgroundService
{
    /// <summary>Looks at least this often, for rows whose node died.</summary>
    private static readonly TimeSpan _lookAtLeastEvery = TimeSpan.FromMinutes(1);

    /// <summary>Rows that fall due within this time of each other are found by one look.</summary>
    private static readonly TimeSpan _lookAtMostEvery = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan _pauseAfterFailure = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>The actor's whole life, on the caller's threads.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        registrations.Changed += dispatcher.Follow;
        try
        {
            await LookAgainAndAgainAsync(stoppingToken);
        }
        finally
        {
            registrations.Changed -= dispatcher.Follow;
        }
    }

    private async Task LookAgainAndAgainAsync(CancellationToken stoppingToken)
    {
        var knowsPauses = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!knowsPauses)
                {
                    await RestorePausesAsync(stoppingToken);
                    knowsPauses = true;
                }

                await LookAsync(stoppingToken);
                while (bell.TryTakeDryLane(out var registrationKey))
                {
                    await RefillAsync(registrationKey, stoppingToken);
                }

                await bell.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A database that is away for a while must not end the actor.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.Failed(logger, exception);
                bell.RingAt(clock.GetUtcNow() + _pauseAfterFailure);
                await bell.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RestorePausesAsync(CancellationToken cancellationToken)
    {
        foreach (var (registrationKey, until) in await store.FindPausesAsync(cancellationToken))
        {
            if (await registrations.FindAsync(registrationKey, cancellationToken) is { } registration)
            {
                dispatcher.Pause(registration, until);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (!bell.TakeLook(_lookAtLeastEvery))
        {
            return;
        }

        var now = clock.GetUtcNow();
        dispatcher.ForgetIdleLanes();
        var due = await store.FindDueAsync(now, cancellationToken);
        foreach (var registrationKey in due.Registrations)
        {
            if (await registrations.FindAsync(registrationKey, cancellationToken) is { } registration)
            {
                dispatcher.ExpectMore(registration);
            }
            else
            {
                Log.Gone(logger, registrationKey);
                await store.RemoveAllAsync(registrationKey, cancellationToken);
            }
        }

        if (due.Next is { } next)
        {
            bell.RingAt(next > now + _lookAtMostEvery ? next : now + _lookAtMostEvery);
        }
    }

    private async Task RefillAsync(long registrationKey, CancellationToken cancellationToken)
    {
        var read = new List<OwedDelivery>();
        var mayHaveMore = true;
        DuePlace? after = null;
        try
        {
            if (await registrations.FindAsync(registrationKey, cancellationToken) is not { } registration)
            {
                mayHaveMore = false;
                await store.RemoveAllAsync(registrationKey, cancellationToken);
                return;
            }

            var start = dispatcher.BeginRefill(registration);
            after = start.After;
            if (start.Room > 0)
            {
                Failpoints.Pass(Failpoint.ClaimBefore);
                var claimed = registration.IsOrdered
                    ? await store.ClaimFirstAsync(registrationKey, start.Rows, cancellationToken)
                    : await store.ClaimDueAsync(registrationKey, start.After, start.Rows, cancellationToken);
                Failpoints.Pass(Failpoint.ClaimAfter);
                List<ClaimedRow> news = [.. claimed.Where(row => dispatcher.IsNews(row.Key))];
                (mayHaveMore, after) = Rest(registration, start, claimed, news);
                await ReadAsync(registration, [.. news.Take(start.Room)], read, cancellationToken);
            }
        }
        catch (Exception)
        {
            // The lane must be able to ring again: the next look, soon, makes it.
            (read, mayHaveMore, after) = ([], false, null);
            throw;
        }
        finally
        {
            dispatcher.EndRefill(registrationKey, read, mayHaveMore, after);
        }
    }

    /// <summary>Whether the table may have more than was read, and where the next read goes on.</summary>
    private static (bool MayHaveMore, DuePlace? After) Rest(
        Registration registration, RefillStart start, IReadOnlyList<ClaimedRow> claimed, List<ClaimedRow> news)
    {
        if (news.Count > start.Room)
        {
            // Rows that memory held were gone from the table and not yet from memory: instead of them came more news than
            // there is room for.
            return (true, registration.IsOrdered ? null : news[start.Room - 1].Place);
        }

        return claimed.Count == start.Rows
            ? (true, registration.IsOrdered ? null : claimed[^1].Place)
            : (start.After is not null, null);
    }

    private async Task ReadAsync(
        Registration registration, List<ClaimedRow> rows, List<OwedDelivery> read, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var found = (await events.ReadAsync([.. rows.Select(row => row.Key.EventSequence)], cancellationToken)).ToDictionary(e => e.Sequence);
        foreach (var row in rows)
        {
            if (!found.TryGetValue(row.Key.EventSequence, out var accepted))
            {
                Log.EventGone(logger, row.Key.EventSequence, registration.Key);
                await store.RemoveAsync(row.Key, row.ReplayId, null, cancellationToken);
                continue;
            }

            read.Add(new OwedDelivery
            {
                Accepted = accepted,
                Registration = registration,
                RetryCount = row.RetryCount,
                FirstAttemptAt = row.FirstAttemptAt,
                ClaimedUntil = row.ClaimedUntil,
                Signatures = row.Signatures,
                ReplayId = row.ReplayId,
            });
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Reading due deliveries failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "The delivery of event {EventSequence} to registration {RegistrationKey} ends: the event is gone")]
        public static partial void EventGone(ILogger logger, long eventSequence, long registrationKey);

        [LoggerMessage(3, LogLevel.Warning, "The deliveries to registration {RegistrationKey} end: it is gone")]
        public static partial void Gone(ILogger logger, long registrationKey);
    }
}
