using Signalbox.Events.Edge;
using Signalbox.Events.Providers;

namespace Signalbox.Events.Registrations;

/// <inheritdoc cref="ISampleEvents" />
internal sealed class RegistrationSamples(IProviderDirectory providers, SampleDelivery samples) : ISampleEvents
{
    public async Task<Outcome<PostedSample>> SendAsync(Registration registration, Interest interest, CancellationToken cancellationToken)
    {
        if (await providers.FindAsync(interest.ProviderId, cancellationToken) is not { } provider || provider.FindEvent(interest.EventCode) is not { } metadata)
        {
            return ApiRefusal.NotFound($"The event '{FieldChecks.Shown(interest.EventCode)}' does not exist any more. Reload the page.");
        }

        return (await samples.PostAsync(provider, metadata, registration.Id.ToString(), [], cancellationToken)).IsRefused(out var refusal, out var posted) ? refusal
            : posted == PostedSampleResource.Nothing ? ApiRefusal.NotFound($"The event '{metadata.Label}' has no sample. Add one to the event's metadata.")
            : new PostedSample(posted.EventId, posted.Message);
    }
}
