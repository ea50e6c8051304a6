using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;

namespace Signalbox.WebConsole.Registrations;

/// <summary>A page of the list, as it is shown.</summary>
public sealed record RegistrationLines(IReadOnlyList<RegistrationLine> Items, bool HasNewer, bool HasOlder, bool WorkspaceHasAny)
{
    internal static async Task<RegistrationLines> OfAsync(RegistrationListing listing, IProviderDirectory providers, CancellationToken cancellationToken)
    {
        var lines = new List<RegistrationLine>(listing.Items.Count);
        foreach (var registration in listing.Items)
        {
            lines.Add(RegistrationLine.Of(registration, await providers.IsOrphanAsync(registration, cancellationToken)));
        }

        return new(lines, listing.HasNewer, listing.HasOlder, listing.WorkspaceHasAny);
    }
}

/// <summary>One line of the list.</summary>
public sealed record RegistrationLine
{
    public required long Key { get; init; }

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required RegistrationState State { get; init; }

    /// <summary>The providers of its events are gone.</summary>
    public required bool IsOrphan { get; init; }

    public required string Delivery { get; init; }

    /// <summary>Where to: a URL or an action; null for a journal.</summary>
    public string? Target { get; init; }

    public required int Events { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    internal static RegistrationLine Of(Registration registration, bool isOrphan) => new()
    {
        Key = registration.Key,
        Id = registration.Id.ToString(),
        Name = registration.Name,
        Description = registration.Description,
        State = registration.State,
        IsOrphan = isOrphan,
        Delivery = DeliveryWords.Of(registration),
        Target = registration.RuntimeAction ?? registration.WebhookUrl?.GetLeftPart(UriPartial.Path),
        Events = registration.Interests.Count,
        UpdatedAt = registration.UpdatedAt,
    };
}
