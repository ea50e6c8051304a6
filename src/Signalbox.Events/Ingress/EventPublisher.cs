using System.Diagnostics;
using System.Text;
using Signalbox.Events.Edge;
using Signalbox.Identity;

namespace Signalbox.Events.Ingress;

/// <summary>
/// Publishes one event for a person, without HTTP. Unlike <see cref="IngressEndpoint"/> it does not deduplicate: who publishes
/// a test event twice wants it delivered twice.
/// </summary>
internal sealed class EventPublisher(EventsOptions options, PublishLimiter limiter, EventRouter router, EventLog.EventLog log) : IEventPublisher
{
    public async Task<Outcome<PublishReceipt>> PublishAsync(Workspace workspace, string cloudEvent, CancellationToken cancellationToken)
    {
        using var span = EventsMetrics.Activities.StartActivity("publish", ActivityKind.Producer);
        var seconds = limiter.SecondsToWait($"workspace {workspace.WorkspaceId}");
        if (seconds > 0)
        {
            return ApiRefusal.TooManyRequests($"This workspace has published too many test events. Wait {seconds} s.", seconds);
        }

        var payload = Encoding.UTF8.GetBytes(cloudEvent);
        if (payload.Length > options.PublishBytesMax)
        {
            return ApiRefusal.TooLarge(options.PublishBytesMax);
        }

        if ((await router.RouteAsync(payload, workspace.OrganizationId, isPhiData: false, cancellationToken)).IsRefused(out var refusal, out var routed))
        {
            return refusal;
        }

        var traceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;
        var eventId = routed.ToPublish(traceParent) is { } toPublish
            ? (await log.AppendAsync([toPublish with { Key = null }], cancellationToken))[0]!.EventId
            : default(Guid?);
        return new PublishReceipt(eventId, routed.Interested?.All.Length ?? 0, routed.Recipients?.All.Length ?? 0);
    }
}
