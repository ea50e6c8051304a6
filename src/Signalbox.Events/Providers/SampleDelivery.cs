using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Signalbox.Events.Edge;
using Signalbox.Events.Ingress;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Providers;

/// <summary>
/// Sends a sample event to one registration, for those who build its receiver (events behaviour, section 4.1). From its
/// commit on it is an event like any other: the registration's filter, journal, push, retries and traces.
/// </summary>
internal sealed class SampleDelivery(RegistrationDirectory registrations, EventLog.EventLog log, TimeProvider clock)
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    /// <param name="payload">The JSON object to send instead of the template's sample; empty: the template's.</param>
    /// <returns>What was posted; <see cref="PostedSampleResource.Nothing"/> when there is no sample to post.</returns>
    public async Task<Outcome<PostedSampleResource>> PostAsync(
        Provider provider, EventMetadata metadata, string registrationId, byte[] payload, CancellationToken cancellationToken)
    {
        if ((await FindAsync(provider, metadata, registrationId, cancellationToken)).IsRefused(out var refusal, out var registration)
            || Parse(payload).IsRefused(out refusal, out var given))
        {
            return refusal;
        }

        if (SampleEvent.ComposePublished(provider, metadata, given.Payload, clock.GetUtcNow()) is not { } sample)
        {
            return PostedSampleResource.Nothing;
        }

        if (FindFault(sample) is { } fault)
        {
            return ApiRefusal.BadField(fault.Attribute, fault.Message);
        }

        if (registration.Filter is { } filter && !filter.Compiled.Matches(sample))
        {
            return new PostedSampleResource(null, $"The filter '{filter.Name}' of the registration does not match the sample, so that it was not delivered.");
        }

        var accepted = await log.AppendAsync(provider.Id, new Audience(metadata.EventCode, [registration]), sample, null, cancellationToken);
        return new PostedSampleResource(accepted.EventId, "The sample was posted to the registration and to no other.");
    }

    private async Task<Outcome<Registration>> FindAsync(
        Provider provider, EventMetadata metadata, string registrationId, CancellationToken cancellationToken)
    {
        var registration = Guid.TryParse(registrationId, out var id)
            ? await registrations.FindAsync(new RegistrationId(id), cancellationToken)
            : null;
        if (registration is null || registration.OrganizationId != provider.OrganizationId)
        {
            return ApiRefusal.NotFound(
                $"The organization has no registration '{FieldChecks.Shown(registrationId)}'. GET /events/{provider.OrganizationId}/registrations lists them.");
        }

        return registration.Interests.Contains(new Interest(provider.Id, metadata.EventCode))
            ? registration
            : ApiRefusal.BadRequest(
                $"Registration {registration.Id} has no interest in event code '{metadata.EventCode}' of provider {provider.Id}. Add it to its 'events_of_interest', or name another registration.");
    }

    private static Outcome<Given> Parse(byte[] payload)
    {
        if (payload.Length == 0)
        {
            return new Given(null);
        }

        if (!Utf8.IsValid(payload))
        {
            return ApiRefusal.BadRequest("The body is not valid UTF-8. Send the JSON in UTF-8.");
        }

        try
        {
            return JsonNode.Parse(payload, documentOptions: _strict) is JsonObject given
                ? new Given(SampleEvent.Whole(given))
                : ApiRefusal.BadRequest("The body is not a JSON object. Send the event's payload as one, or nothing for the template's sample.");
        }
        catch (JsonException exception)
        {
            return RequestBody.Refuse(exception);
        }
        catch (InvalidOperationException)
        {
            return ApiRefusal.BadRequest("A string of the body holds half of a surrogate pair. Send whole characters.");
        }
    }

    private static CloudEventFault? FindFault(byte[] sample)
    {
        Span<char> source = stackalloc char[CloudEventReader.RoutedLengthMax];
        Span<char> type = stackalloc char[CloudEventReader.RoutedLengthMax];
        return new CloudEventReader(sample, source, type).Read();
    }

    private sealed record Given(JsonObject? Payload);
}
