using System.Text;
using Signalbox.Events.Edge;
using Signalbox.Events.Providers;

namespace Signalbox.Events.Registrations;

/// <inheritdoc cref="ISampleEvents" />
internal sealed class RegistrationSamples(IProviderDirectory providers, EventLog.EventLog log, TimeProvider clock) : ISampleEvents
{
    public async Task<Outcome<PostedSample>> SendAsync(Registration registration, Interest interest, CancellationToken cancellationToken)
    {
        if (!registration.Interests.Contains(interest)
            || await providers.FindAsync(interest.ProviderId, cancellationToken) is not { } provider
            || provider.FindEvent(interest.EventCode) is not { } metadata)
        {
            return ApiRefusal.NotFound($"The registration has no event '{FieldChecks.Shown(interest.EventCode)}' any more. Reload the page.");
        }

        if (SampleEvent.Compose(provider, metadata, clock.GetUtcNow()) is not { } text)
        {
            return ApiRefusal.NotFound($"The event '{metadata.Label}' has no sample. Add one to the event's metadata.");
        }

        var sample = Encoding.UTF8.GetBytes(text);
        if (registration.Filter is { } filter && !filter.Compiled.Matches(sample))
        {
            return new PostedSample(null, $"The filter '{filter.Name}' does not match the sample, so it was not sent.");
        }

        var accepted = await log.AppendAsync(provider.Id, new Audience(metadata.EventCode, [registration]), sample, null, cancellationToken);
        return new PostedSample(accepted.EventId, "The sample event was sent to this registration and to no other.");
    }
}
