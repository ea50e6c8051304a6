using Signalbox.Events.Registrations;

namespace Signalbox.Events.Notifications;

/// <summary>A notice as it is kept and as the operator's webhook gets it.</summary>
internal sealed record StatusChange
{
    public required string OrganizationId { get; init; }

    public required string ProjectId { get; init; }

    public required string WorkspaceId { get; init; }

    public required string RegistrationId { get; init; }

    public required string Name { get; init; }

    /// <summary>Such as <c>unstable</c> or <c>hook_unreachable</c>.</summary>
    public required string Status { get; init; }

    public required string PreviousStatus { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public required string Reason { get; init; }

    /// <summary>The console's page of the registration. Added when the notice is sent, like the names.</summary>
    public string? RegistrationUrl { get; init; }

    /// <summary>What people call the project; null when it is gone.</summary>
    public string? ProjectTitle { get; init; }

    public string? WorkspaceName { get; init; }

    public static StatusChange Of(StatusNotice notice) => new()
    {
        OrganizationId = notice.Registration.OrganizationId.Value,
        ProjectId = notice.Registration.ProjectId.Value,
        WorkspaceId = notice.Registration.WorkspaceId.Value,
        RegistrationId = notice.Registration.Id.ToString(),
        Name = notice.Registration.Name,
        Status = RegistrationWords.Of(notice.Registration.Status),
        PreviousStatus = RegistrationWords.Of(notice.Before),
        ChangedAt = notice.ChangedAt,
        Reason = notice.Reason,
    };
}
