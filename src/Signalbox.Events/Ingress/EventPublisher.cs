using System.Diagnostics;
using System.Text;
using Signalbox.Events.Edge;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Ingress;

/// <summary>
/// Publishes one event for a person, without HTTP. Unlike <see cref="IngressEndpoint"/> it does not deduplicate: who publishes
/// a test event twice wants it delivered twice.
/// </summary>
internal sealed class EventPublisher(
    EventsOptions options, PublishLimiter limiter, IProviderDirectory providers, RegistrationDirectory registrations, EventLog.EventLog log) : IEventPublisher
{
    private const string SourcePrefix = "urn:uuid:";

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

        if (Read(payload).IsRefused(out var refusal, out var routed))
        {
            return refusal;
        }

        if (await providers.FindAsync(routed.ProviderId, cancellationToken) is not { } provider || provider.OrganizationId != workspace.OrganizationId)
        {
            return ApiRefusal.BadField("source", $"'source' names no provider of your organization. It must be {SourcePrefix}<provider id>.");
        }

        if ((await registrations.GetIndexAsync(cancellationToken)).Match(provider.Id, routed.Type) is not { } audience)
        {
            return new PublishReceipt(null, 0, 0);
        }

        var recipients = audience.Of(payload);
        if (recipients.All.Length == 0)
        {
            return new PublishReceipt(null, audience.All.Length, 0);
        }

        var traceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;
        var accepted = await log.AppendAsync(provider.Id, recipients, payload, traceParent, cancellationToken);
        return new PublishReceipt(accepted.EventId, audience.All.Length, recipients.All.Length);
    }

    private Outcome<(Guid ProviderId, string Type)> Read(byte[] body)
    {
        Span<char> source = stackalloc char[CloudEventReader.RoutedLengthMax];
        Span<char> type = stackalloc char[CloudEventReader.RoutedLengthMax];
        var reader = new CloudEventReader(body, source, type, options.SpecVersionRequired ?? false);
        if (reader.Read() is { } fault)
        {
            return fault.Attribute.Length == 0 ? ApiRefusal.BadRequest(fault.Message) : ApiRefusal.BadField(fault.Attribute, fault.Message);
        }

        var given = source[..reader.SourceLength];
        var providerId = given.StartsWith(SourcePrefix) && Guid.TryParseExact(given[SourcePrefix.Length..], "D", out var id) ? id : Guid.Empty;
        return (providerId, type[..reader.TypeLength].ToString());
    }
}
