using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;

namespace Signalbox.WebConsole.Registrations;

/// <summary>What the events of a registration, and their providers, are called.</summary>
internal sealed class EventNames
{
    private readonly Dictionary<string, Provider> _providers = [];

    /// <summary>One for each event of interest, in its order.</summary>
    public IReadOnlyList<SubscribedEvent> Events { get; private init; } = [];

    public static async Task<EventNames> OfAsync(Registration registration, IProviderDirectory providers, CancellationToken cancellationToken)
    {
        var events = new List<SubscribedEvent>(registration.Interests.Count);
        foreach (var interest in registration.Interests)
        {
            var provider = await providers.FindAsync(interest.ProviderId, cancellationToken);
            events.Add(new SubscribedEvent(interest, provider, provider?.FindEvent(interest.EventCode)));
        }

        var names = new EventNames { Events = events };
        foreach (var provider in events.Select(e => e.Provider).OfType<Provider>())
        {
            names._providers[provider.Name] = provider;
        }

        return names;
    }

    /// <summary>The label of an event code, or of several separated by commas; a code without a label stands for itself.</summary>
    public string EventLabel(string codes) =>
        string.Join(", ", codes.Split(',').Select(code =>
            code == "challenge" ? "Challenge Probe" : Events.FirstOrDefault(e => e.Interest.EventCode == code)?.Label ?? code));

    /// <summary>The label of a provider's name, or of several separated by commas.</summary>
    public string ProviderLabel(string names) =>
        string.Join(", ", names.Split(',').Select(name =>
            name == "adobe-io" ? "Adobe IO Events" : _providers.TryGetValue(name, out var provider) ? provider.Label : name));
}

/// <summary>An event of interest with its provider and type; both are null when they are gone.</summary>
internal sealed record SubscribedEvent(Interest Interest, Provider? Provider, EventMetadata? Metadata)
{
    public string Label => Metadata?.Label ?? Interest.EventCode;
}
