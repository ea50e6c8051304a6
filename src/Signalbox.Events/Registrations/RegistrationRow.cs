using Signalbox.Events.EventBridge;
using Signalbox.Identity;

namespace Signalbox.Events.Registrations;

/// <summary>A row of <c>registrations</c>.</summary>
internal sealed class RegistrationRow
{
    public const string Columns =
        """
        registration_key AS RegistrationKey, registration_id AS RegistrationId, organization_id AS OrganizationId,
        project_id AS ProjectId, workspace_id AS WorkspaceId, client_id AS ClientId, credential_id AS CredentialId,
        name AS Name, description AS Description, delivery_type AS DeliveryType, webhook_url AS WebhookUrl, proven_url AS ProvenUrl,
        runtime_action AS RuntimeAction, handler_suffix AS HandlerSuffix, handler_pending AS HandlerPending,
        enabled AS Enabled, webhook_status AS WebhookStatus, delivery_rate_per_second AS DeliveryRatePerSecond, ordered_delivery AS OrderedDelivery,
        aws_region AS AwsRegion, aws_account_id AS AwsAccountId, created_at AS CreatedAt, updated_at AS UpdatedAt, measured_since AS MeasuredSince, deleted_at AS DeletedAt
        """;

    /// <summary><see cref="Registration.IsPushing"/> of the row <c>r</c>, for what must not change within a transaction.</summary>
    public const string IsPushing =
        "r.deleted_at IS NULL AND r.enabled AND r.delivery_type <> 'journal' AND r.webhook_status IN ('verified', 'unstable')";

    public long RegistrationKey { get; init; }
    public string RegistrationId { get; init; } = "";
    public string OrganizationId { get; init; } = "";
    public string ProjectId { get; init; } = "";
    public string WorkspaceId { get; init; } = "";
    public string ClientId { get; init; } = "";
    public string CredentialId { get; init; } = "";
    public string Name { get; init; } = "";
    public string Description { get; init; } = "";
    public string DeliveryType { get; init; } = "";
    public string? WebhookUrl { get; init; }
    public string? ProvenUrl { get; init; }
    public string? RuntimeAction { get; init; }
    public string? HandlerSuffix { get; init; }
    public bool HandlerPending { get; init; }
    public bool Enabled { get; init; }
    public string WebhookStatus { get; init; } = "";
    public int? DeliveryRatePerSecond { get; init; }
    public bool OrderedDelivery { get; init; }
    public string? AwsRegion { get; init; }
    public string? AwsAccountId { get; init; }
    public long CreatedAt { get; init; }
    public long UpdatedAt { get; init; }
    public long? MeasuredSince { get; init; }
    public long? DeletedAt { get; init; }

    public static RegistrationRow Of(Registration r) => new()
    {
        RegistrationKey = r.Key,
        RegistrationId = r.Id.ToString(),
        OrganizationId = r.OrganizationId.Value,
        ProjectId = r.ProjectId.Value,
        WorkspaceId = r.WorkspaceId.Value,
        ClientId = r.ClientId.Value,
        CredentialId = r.CredentialId.Value,
        Name = r.Name,
        Description = r.Description,
        DeliveryType = RegistrationWords.Of(r.DeliveryType),
        WebhookUrl = r.WebhookUrl?.OriginalString,
        ProvenUrl = r.ProvenUrl?.OriginalString,
        RuntimeAction = r.RuntimeAction,
        HandlerSuffix = r.HandlerSuffix,
        HandlerPending = r.IsHandlerPending,
        Enabled = r.IsEnabled,
        WebhookStatus = RegistrationWords.Of(r.Status),
        DeliveryRatePerSecond = r.DeliveryRatePerSecond,
        OrderedDelivery = r.IsOrdered,
        AwsRegion = r.Destination?.Region,
        AwsAccountId = r.Destination?.AccountId,
        CreatedAt = r.CreatedAt.ToUnixTimeMilliseconds(),
        UpdatedAt = r.UpdatedAt.ToUnixTimeMilliseconds(),
        MeasuredSince = r.MeasuredSince.ToUnixTimeMilliseconds(),
        DeletedAt = r.DeletedAt?.ToUnixTimeMilliseconds(),
    };

    public Registration ToRegistration(IEnumerable<Interest> interests) => new()
    {
        Key = RegistrationKey,
        Id = new RegistrationId(Guid.Parse(RegistrationId)),
        OrganizationId = new OrganizationId(OrganizationId),
        ProjectId = new ProjectId(ProjectId),
        WorkspaceId = new WorkspaceId(WorkspaceId),
        ClientId = new ClientId(ClientId),
        CredentialId = new CredentialId(CredentialId),
        Name = Name,
        Description = Description,
        DeliveryType = RegistrationWords.ToDeliveryType(DeliveryType)!.Value,
        WebhookUrl = WebhookUrl is null ? null : new Uri(WebhookUrl),
        ProvenUrl = ProvenUrl is null ? null : new Uri(ProvenUrl),
        RuntimeAction = RuntimeAction,
        HandlerSuffix = HandlerSuffix,
        IsHandlerPending = HandlerPending,
        IsEnabled = Enabled,
        Status = RegistrationWords.ToStatus(WebhookStatus),
        DeliveryRatePerSecond = DeliveryRatePerSecond,
        IsOrdered = OrderedDelivery,
        Destination = AwsRegion is null || AwsAccountId is null ? null : new EventBridgeDestination(AwsRegion, AwsAccountId),
        Interests = [.. interests],
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt),
        MeasuredSince = DateTimeOffset.FromUnixTimeMilliseconds(MeasuredSince ?? CreatedAt),
        DeletedAt = DeletedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
    };
}
