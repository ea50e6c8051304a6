namespace Signalbox.Identity.Projects;

/// <summary>Which projects their users want no e-mails about.</summary>
public interface IAlertPauses
{
    /// <summary>Those of one organization.</summary>
    Task<IReadOnlySet<ProjectId>> ListPausedAsync(OrganizationId organization, CancellationToken cancellationToken);
}
