using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.EventBridge;

/// <summary>
/// Leads EventBridge registrations out of Pending (events behaviour, section 15): to Active when the operator says that the
/// source is associated with a bus, to Disabled when nobody has said so in time.
/// </summary>
internal sealed partial class EventBridgeAssociations(
    RegistrationDirectory directory, RegistrationStore store, EventsOptions options, TimeProvider clock,
    ILogger<EventBridgeAssociations> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    /// <summary>Marks a source as associated. Null when there is no such registration of EventBridge; one that is not pending stays as it is.</summary>
    public async Task<Registration?> AssociateAsync(RegistrationId id, CancellationToken cancellationToken) =>
        await ChangeAsync(id, current => current with { Status = WebhookStatus.Verified })
        ?? (await directory.FindAsync(id, cancellationToken) is { DeliveryType: DeliveryType.AwsEventBridge } found ? found : null);

    /// <summary>One pass: disables what has waited too long since it was created or last edited. Returns how many.</summary>
    public async Task<int> ExpireAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - options.EventBridge.AssociationTime;
        var expired = 0;
        foreach (var registration in (await directory.GetIndexAsync(cancellationToken)).Live.Where(r => r.Status == WebhookStatus.Pending && r.UpdatedAt <= before).ToList())
        {
            if (await ChangeAsync(
                registration.Id,
                current => current.UpdatedAt <= before ? current with { Status = WebhookStatus.VerificationFailed, IsEnabled = false } : null) is not null)
            {
                expired++;
                Log.Expired(logger, registration.Id);
            }
        }

        return expired;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ExpireAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.PassFailed(logger, exception);
            }
        }
    }

    private Task<Registration?> ChangeAsync(RegistrationId id, Func<Registration, Registration?> change) =>
        directory.ChangeAsync(
            async index =>
            {
                if (index.Find(id) is not { Status: WebhookStatus.Pending, DeletedAt: null } current || change(current) is not { } changed)
                {
                    return null;
                }

                var next = changed with { UpdatedAt = current.Later(clock.GetUtcNow()) };
                await store.UpdateStateAsync(current, next);
                return next;
            },
            CancellationToken.None);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The EventBridge source of registration {Registration} was not associated in time; it is disabled")]
        public static partial void Expired(ILogger logger, RegistrationId registration);

        [LoggerMessage(2, LogLevel.Error, "Looking for EventBridge sources that were not associated in time failed; the next pass tries again")]
        public static partial void PassFailed(ILogger logger, Exception exception);
    }
}
