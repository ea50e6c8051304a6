using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Events.Challenges;
using Signalbox.Events.Delivery;
using Signalbox.Events.Notifications;
using Signalbox.Events.Providers;

namespace Signalbox.Events.Registrations;

/// <summary>
/// Brings the outside world into line with a registration's row: the handler in the user's namespace, then the
/// challenge.
/// </summary>
/// <remarks>
/// The row is the truth and is committed first, with two marks: <see cref="Registration.IsHandlerPending"/> says that
/// the handler does not follow it yet, <see cref="WebhookStatus.Accepted"/> says that the challenge has not ended.
/// Request handlers settle a row at once; a crash between commit and settling leaves the marks, and this actor
/// settles such rows at start and every minute; that a validation's time is over it sees within seconds. All steps are idempotent, so it does not matter how far the crashed
/// one came. A client that never got its answer and creates again gets 409 with the registration's id, and mends it by
/// an update at any time.
/// </remarks>
internal sealed partial class RegistrationSettler(
    RegistrationDirectory directory,
    RegistrationStore store,
    ProviderDirectory providers,
    IRuntimeHandlers handlers,
    IWebhookChallenge challenge,
    IStatusNotices notices,
    TimeProvider clock,
    IHostApplicationLifetime lifetime,
    ILogger<RegistrationSettler> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    /// <summary>Between two looks for validations that have ended.</summary>
    private static readonly TimeSpan _validationInterval = TimeSpan.FromSeconds(5);

    /// <summary>Rows younger than this belong to a request that still runs: a probe takes up to two times 60 s.</summary>
    private static readonly TimeSpan _age = TimeSpan.FromMinutes(3);

    /// <summary>How often a handler is led after a row that changes meanwhile; then it is left to the next pass.</summary>
    private const int FollowRoundsMax = 3;

    /// <summary>Settles one registration. Returns it as it stands afterwards.</summary>
    public Task<Registration> SettleAsync(Registration registration, CancellationToken cancellationToken) =>
        SettleAsync(registration, tells: false, cancellationToken);

    /// <param name="registration">The registration.</param>
    /// <param name="tells">Nobody waits for the answer: administrators are told when the challenge has failed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<Registration> SettleAsync(Registration registration, bool tells, CancellationToken cancellationToken)
    {
        var handlerFollows = !registration.IsHandlerPending || await TryFollowAsync(registration, cancellationToken);
        var status = registration.Status;
        if (registration is { DeletedAt: null, Status: WebhookStatus.Accepted })
        {
            status = !handlerFollows ? WebhookStatus.VerificationFailed
                : await challenge.FindStandingAsync(registration, cancellationToken) ?? await challenge.ProbeAsync(registration, cancellationToken);
        }

        if (await StoreAsync(registration, handlerFollows, status, tells) is { } settled)
        {
            return settled;
        }

        if (registration.IsHandlerPending)
        {
            // Whoever changed the row meanwhile may have been done with the handler before this call was.
            await FollowAsync(registration.Key, CancellationToken.None);
        }

        return await directory.FindAsync(registration.Id, CancellationToken.None) ?? registration;
    }

    /// <summary>Leads a handler back to its row, deleted or not, after it was made ready for an edit that did not come.</summary>
    public async Task LeadBackAsync(long registrationKey, CancellationToken cancellationToken)
    {
        if (await directory.FindAsync(registrationKey, cancellationToken) is { IsHandlerPending: true } marked)
        {
            await SettleAsync(marked, cancellationToken);
        }
        else
        {
            await FollowAsync(registrationKey, cancellationToken);
        }
    }

    /// <summary>Takes over that a validation URL was opened. Does nothing when the registration does not wait for that (any more).</summary>
    public Task SettleValidatedAsync(RegistrationId id) =>
        directory.ChangeAsync(
            async index =>
            {
                if (index.Find(id) is not { DeletedAt: null, Status: WebhookStatus.Accepted } current
                    || await challenge.FindStandingAsync(current, CancellationToken.None) != WebhookStatus.Verified)
                {
                    return null;
                }

                var next = current with { Status = WebhookStatus.Verified, UpdatedAt = current.Later(clock.GetUtcNow()) };
                await store.UpdateStateAsync(current, next);
                return next;
            },
            CancellationToken.None);

    /// <summary>Makes the registration's handler serve these events. False when the runtime cannot do that now.</summary>
    public Task<bool> TrySaveHandlerAsync(Registration registration, IEnumerable<Interest> interests, CancellationToken cancellationToken) =>
        TryAsync(registration, () => SaveHandlerAsync(registration, interests, cancellationToken));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A handler is probed through this server's own address, so nothing can be settled before it listens.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(_validationInterval, clock);
        long? lastPass = null;
        do
        {
            try
            {
                if (lastPass is { } last && clock.GetElapsedTime(last) < _interval)
                {
                    await SettleEndedValidationsAsync(stoppingToken);
                    continue;
                }

                var age = lastPass is null ? TimeSpan.Zero : _age;
                lastPass = clock.GetTimestamp();
                await SettleAllAsync(age, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.PassFailed(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SettleAllAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - age;
        var index = await directory.GetIndexAsync(cancellationToken);
        var unsettled = index.All.Where(r =>
            (r.IsHandlerPending || (r.Status == WebhookStatus.Accepted && r.DeletedAt is null)) && r.UpdatedAt <= before).ToList();
        foreach (var registration in unsettled)
        {
            await TrySettleAgainAsync(registration, cancellationToken);
        }
    }

    private async Task SettleEndedValidationsAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - Challenge.ValidationTime;
        var index = await directory.GetIndexAsync(cancellationToken);
        var waiting = index.All.Where(r =>
            r is { IsHandlerPending: false, Status: WebhookStatus.Accepted, DeletedAt: null } && r.UpdatedAt <= before).ToList();
        foreach (var registration in waiting)
        {
            if (await challenge.FindStandingAsync(registration, cancellationToken) is WebhookStatus.Verified or WebhookStatus.VerificationFailed)
            {
                await TrySettleAgainAsync(registration, cancellationToken);
            }
        }
    }

    private async Task TrySettleAgainAsync(Registration registration, CancellationToken cancellationToken)
    {
        try
        {
            await SettleAgainAsync(registration, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // One that cannot be settled must not keep the others from it.
            Log.SettlingFailed(logger, exception, registration.Id);
        }
    }

    private async Task SettleAgainAsync(Registration registration, CancellationToken cancellationToken)
    {
        if (await StillDeliversAsync(registration, cancellationToken))
        {
            return;
        }

        if (registration.IsHandlerPending || await challenge.FindStandingAsync(registration, cancellationToken) is not { } standing)
        {
            Log.Settling(logger, registration.Id);
        }
        else if (standing == WebhookStatus.Accepted)
        {
            // Its validation URL was posted: there is nothing to do before it is opened or has expired.
            return;
        }
        else
        {
            Log.ValidationEnded(logger, registration.Id, standing);
        }

        await SettleAsync(registration, tells: true, cancellationToken);
    }

    /// <summary>
    /// Makes the handler follow the row as it stands, once more when that changed meanwhile: so the last change of the
    /// handler is by the newest row. A mark that stands is left to whoever set it; one is set where the handler cannot follow.
    /// </summary>
    private async Task FollowAsync(long registrationKey, CancellationToken cancellationToken)
    {
        for (var round = 0; round < FollowRoundsMax; round++)
        {
            if (await directory.FindAsync(registrationKey, cancellationToken) is not { HandlerSuffix: not null } row)
            {
                return;
            }

            if (await TryFollowAsync(row, cancellationToken)
                && await directory.FindAsync(registrationKey, cancellationToken) is var after && after?.UpdatedAt == row.UpdatedAt)
            {
                return;
            }
        }

        await directory.ChangeAsync(
            async index =>
            {
                if (index.Find(registrationKey) is not { IsHandlerPending: false } current)
                {
                    return null;
                }

                var next = current with { IsHandlerPending = true, UpdatedAt = current.Later(clock.GetUtcNow()) };
                await store.UpdateStateAsync(current, next);
                return next;
            },
            cancellationToken);
    }

    private async Task<bool> TryFollowAsync(Registration registration, CancellationToken cancellationToken) =>
        !await StillDeliversAsync(registration, cancellationToken)
        && await TryAsync(registration, () => registration.DeletedAt is null && registration.RuntimeAction is not null
            ? SaveHandlerAsync(registration, registration.Interests, cancellationToken)
            : handlers.RemoveAsync(registration.WorkspaceId, registration.HandlerSuffix!, cancellationToken));

    /// <summary>What a deleted registration was owed is delivered and retried all the same, so its handler stays until the last of it has ended.</summary>
    private async Task<bool> StillDeliversAsync(Registration registration, CancellationToken cancellationToken) =>
        registration is { DeletedAt: not null, RuntimeAction: not null } && await store.OwesAsync(registration.Key, cancellationToken);

    private async Task<bool> TryAsync(Registration registration, Func<Task> change)
    {
        try
        {
            await change();
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.HandlerFailed(logger, exception, registration.Id);
            return false;
        }
    }

    private async Task SaveHandlerAsync(Registration registration, IEnumerable<Interest> interests, CancellationToken cancellationToken)
    {
        var events = new List<(string, string)>();
        foreach (var interest in interests)
        {
            if (await providers.FindAsync(interest.ProviderId, cancellationToken) is { } provider)
            {
                events.Add((provider.Name, interest.EventCode));
            }
        }

        await handlers.SaveAsync(
            new RuntimeHandlerSpec
            {
                Workspace = registration.WorkspaceId,
                Suffix = registration.HandlerSuffix!,
                RecipientClientId = registration.ClientId,
                RuntimeAction = registration.RuntimeAction!,
                Events = events,
            },
            cancellationToken);
    }

    private async Task<Registration?> StoreAsync(Registration settled, bool handlerFollows, WebhookStatus status, bool tells)
    {
        var stored = await directory.ChangeAsync(
            async index =>
            {
                // Somebody edited or deleted it meanwhile: their own settling decides.
                if (index.Find(settled.Key) is not { } current || current.UpdatedAt != settled.UpdatedAt || current.DeletedAt != settled.DeletedAt)
                {
                    return null;
                }

                var next = current with
                {
                    IsHandlerPending = !handlerFollows,
                    Status = status,
                    IsEnabled = current.IsEnabled && status is not WebhookStatus.VerificationFailed,
                };
                if (next != current)
                {
                    next = next with { UpdatedAt = current.Later(clock.GetUtcNow()) };
                    await store.UpdateStateAsync(current, next, also: session =>
                    {
                        if (tells && next.Status == WebhookStatus.VerificationFailed && current.Status != next.Status)
                        {
                            notices.Add(session, Describe(current, next));
                        }
                    });
                }

                return next;
            },
            CancellationToken.None);
        if (tells)
        {
            notices.Ring();
        }

        return stored;
    }

    private StatusNotice Describe(Registration before, Registration after) => new()
    {
        Registration = after,
        Before = before.Status,
        ChangedAt = clock.GetUtcNow(),
        Reason = "Its webhook's challenge failed, or its validation URL was not opened in 5 minutes; the registration's status history explains it.",
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Settling registration {Registration}, which an earlier request left half done")]
        public static partial void Settling(ILogger logger, RegistrationId registration);

        [LoggerMessage(2, LogLevel.Error, "The handler of registration {Registration} could not be changed; it is tried again within a minute or so")]
        public static partial void HandlerFailed(ILogger logger, Exception exception, RegistrationId registration);

        [LoggerMessage(4, LogLevel.Warning, "The validation URL of registration {Registration} was not opened in 5 minutes, or was while the server stopped: {Status}")]
        public static partial void ValidationEnded(ILogger logger, RegistrationId registration, WebhookStatus status);

        [LoggerMessage(5, LogLevel.Error, "Registration {Registration} could not be settled; the next pass tries again")]
        public static partial void SettlingFailed(ILogger logger, Exception exception, RegistrationId registration);

        [LoggerMessage(3, LogLevel.Error, "Settling registrations failed; the next pass tries again")]
        public static partial void PassFailed(ILogger logger, Exception exception);
    }
}
