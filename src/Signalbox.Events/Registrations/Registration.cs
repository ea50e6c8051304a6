using Signalbox.Events.Edge;
using Signalbox.Events.EventBridge;
using Signalbox.Events.Filters;
using Signalbox.Identity;

namespace Signalbox.Events.Registrations;

/// <summary>Who wants which events, and how they are delivered.</summary>
public sealed record Registration
{
    /// <summary>The numeric id of the database and of the resource's <c>id</c>.</summary>
    public required long Key { get; init; }

    public required RegistrationId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    public required ProjectId ProjectId { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    /// <summary>The recipient: copied into every delivered event.</summary>
    public required ClientId ClientId { get; init; }

    public required CredentialId CredentialId { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required DeliveryType DeliveryType { get; init; }

    /// <summary>Where to POST; null for journal registrations and for those of a runtime action.</summary>
    public Uri? WebhookUrl { get; init; }

    /// <summary>The user's action as given, such as <c>package/action</c>; null when there is none.</summary>
    public string? RuntimeAction { get; init; }

    /// <summary>10 alphanumerics that name this registration's handler; set when <see cref="RuntimeAction"/> is.</summary>
    public string? HandlerSuffix { get; init; }

    /// <summary>The handler in the user's namespace does not yet follow this row; see <see cref="RegistrationSettler"/>.</summary>
    public bool IsHandlerPending { get; init; }

    /// <summary>Where Amazon EventBridge gets the events; null for other delivery types.</summary>
    public EventBridgeDestination? Destination { get; init; }

    public required bool IsEnabled { get; init; }

    public required WebhookStatus Status { get; init; }

    /// <summary>Events a second that are pushed at most; null: as many as the endpoint takes.</summary>
    public int? DeliveryRatePerSecond { get; init; }

    /// <summary>Pushed one request at a time in the order of the journal; a failed one holds up those behind it.</summary>
    public bool IsOrdered { get; init; }

    public required IReadOnlyList<Interest> Interests { get; init; }

    /// <summary>Which of the events of interest it gets; null: all of them.</summary>
    public SubscriberFilter? Filter { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>
    /// From when on its attempts count for its status: since its last edit, or since it became unstable
    /// (<see cref="Health.HealthRules"/>).
    /// </summary>
    public required DateTimeOffset MeasuredSince { get; init; }

    /// <summary>When it was deleted; its retries still run.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>True when new events are pushed, not only journaled.</summary>
    public bool IsPushing =>
        DeletedAt is null && IsEnabled && DeliveryType != DeliveryType.Journal
        && Status is WebhookStatus.Verified or WebhookStatus.Unstable;

    /// <summary>
    /// The last webhook URL before this one that had answered a challenge: an edit that leads back to it, and is not answered,
    /// leaves the retries running.
    /// </summary>
    public Uri? ProvenUrl { get; init; }

    /// <summary>False while its webhook URL is not known to have answered a challenge: nothing goes there then, retries included.</summary>
    public bool IsProven =>
        WebhookUrl is null || RuntimeAction is not null || WebhookUrl == ProvenUrl
        || Status is WebhookStatus.Verified or WebhookStatus.Unstable or WebhookStatus.HookUnreachable;

    /// <summary>True when it is delivered to where the other one is.</summary>
    public bool HasTargetOf(Registration other) =>
        WebhookUrl == other.WebhookUrl && RuntimeAction == other.RuntimeAction && Destination == other.Destination
        && (DeliveryType == DeliveryType.Journal) == (other.DeliveryType == DeliveryType.Journal);

    /// <summary>
    /// True when nothing that its endpoint showed or wished before counts any more: it goes elsewhere, or was edited, by which
    /// a challenge was answered.
    /// </summary>
    public bool BeginsAfresh(Registration before) =>
        !HasTargetOf(before)
        || (IsPushing && (!before.IsPushing || (Status == WebhookStatus.Verified && MeasuredSince != before.MeasuredSince)));

    /// <summary>The <c>ETag</c> of what its editors can set.</summary>
    public string Tag => EntityTag.Of(RegistrationBody.Of(this), EventsJson.Default.RegistrationBody);

    /// <summary>The state in one word, for people.</summary>
    public RegistrationState State => !IsEnabled ? RegistrationState.Disabled : Status switch
    {
        WebhookStatus.Verified => RegistrationState.Active,
        WebhookStatus.Unstable => RegistrationState.Unstable,
        WebhookStatus.Accepted or WebhookStatus.Pending => RegistrationState.Pending,
        _ => RegistrationState.Disabled,
    };

    /// <summary>Its address in the API.</summary>
    public string Path() => $"/events/{OrganizationId}/{ProjectId}/{WorkspaceId}/registrations/{Id}";

    /// <summary>The time of a change: strictly later than the last one, so that each state has its own.</summary>
    public DateTimeOffset Later(DateTimeOffset now)
    {
        var kept = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        return kept > UpdatedAt ? kept : UpdatedAt.AddMilliseconds(1);
    }
}

/// <summary>One event of interest.</summary>
public readonly record struct Interest(string ProviderId, string EventCode);
