using System.Text;
using System.Text.Json;
using Signalbox.Events.Edge;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Filtering;

namespace Signalbox.Events.Filters;

/// <summary>Shows what a filter would do, before it does (events behaviour, section 13.2).</summary>
internal sealed class FilterValidation(ProviderDirectory providers, TimeProvider clock)
{
    private const int CustomEventsMax = 100;

    /// <summary>Tries the filter on the sample events of the registration's interests, and on those that the caller sends.</summary>
    public async Task<Outcome<FilterVerdict>> TryAsync(Registration registration, FilterValidationBody body, CancellationToken cancellationToken)
    {
        var checks = new FieldChecks();
        var filter = FilterRules.Check(checks, "subscriber_filter.", body.SubscriberFilter, id: null, needsName: false);
        var custom = body.CustomSampleEvents ?? [];
        if (custom.Count > CustomEventsMax)
        {
            checks.Add("custom_sample_events", $"'custom_sample_events' has {custom.Count} events. It takes at most {CustomEventsMax}.");
            return checks.Refusal!;
        }

        var verdict = new CustomEventsVerdict([], []);
        for (var i = 0; i < custom.Count; i++)
        {
            var at = $"custom_sample_events[{i}]";
            checks.Required(at + ".name", custom[i]?.Name, 1, 255);
            if (custom[i]?.SamplePayload is not { ValueKind: JsonValueKind.Object } payload)
            {
                checks.Add(at + ".sample_payload", $"'{at}.sample_payload' must be a JSON object: the event.");
            }
            else if (filter is not null && Matches(filter.Compiled, payload.GetRawText()) is var matches)
            {
                (matches ? verdict.Matched : verdict.NotMatched).Add(custom[i]!.Name ?? "");
            }
        }

        return checks.Refusal is { } refusal
            ? refusal
            : new FilterVerdict(true, await TrySamplesAsync(registration, filter!.Compiled, cancellationToken), verdict);
    }

    private async Task<EventCodesVerdict> TrySamplesAsync(Registration registration, EventFilter filter, CancellationToken cancellationToken)
    {
        var verdict = new EventCodesVerdict([], [], []);
        foreach (var interest in registration.Interests)
        {
            var provider = await providers.FindAsync(interest.ProviderId, cancellationToken);
            var metadata = provider?.FindEvent(interest.EventCode);
            var sample = metadata is null ? null : SampleEvent.Compose(provider!, metadata, clock.GetUtcNow());
            var list = sample is null ? verdict.NoSample : Matches(filter, sample) ? verdict.Matched : verdict.NotMatched;
            list.Add(new EventCodeVerdict(interest.ProviderId, provider?.Label, interest.EventCode, metadata?.Label));
        }

        return verdict;
    }

    private static bool Matches(EventFilter filter, string json) => filter.Matches(Encoding.UTF8.GetBytes(json));
}

/// <summary>A filter to try, and events to try it on.</summary>
public sealed record FilterValidationBody
{
    public SubscriberFilterBody? SubscriberFilter { get; init; }

    public IReadOnlyList<CustomSampleEvent?>? CustomSampleEvents { get; init; }
}

/// <summary>An event that the caller made up.</summary>
public sealed record CustomSampleEvent
{
    public string? Name { get; init; }

    public JsonElement? SamplePayload { get; init; }
}

/// <summary>What a filter does. The shape is Signalbox's own: the reference does not describe it.</summary>
public sealed record FilterVerdict(bool Valid, EventCodesVerdict EventCodes, CustomEventsVerdict CustomSampleEvents);

/// <summary>Event codes by what the filter does with their sample events.</summary>
public sealed record EventCodesVerdict(List<EventCodeVerdict> Matched, List<EventCodeVerdict> NotMatched, List<EventCodeVerdict> NoSample);

public sealed record EventCodeVerdict(string ProviderId, string? ProviderLabel, string EventCode, string? EventLabel);

/// <summary>The caller's events, by name.</summary>
public sealed record CustomEventsVerdict(List<string> Matched, List<string> NotMatched);
