namespace Signalbox.Identity.Lookup;

/// <summary>A row of a workspace with its project and organization.</summary>
internal class WorkspaceRow
{
    public string OrganizationId { get; init; } = "";

    public string OrganizationName { get; init; } = "";

    public string ImsOrgId { get; init; } = "";

    public string ProjectId { get; init; } = "";

    public string ProjectName { get; init; } = "";

    public string ProjectTitle { get; init; } = "";

    public string ProjectDescription { get; init; } = "";

    public string WorkspaceId { get; init; } = "";

    public string WorkspaceName { get; init; } = "";

    public Workspace ToWorkspace() => new()
    {
        OrganizationId = new OrganizationId(OrganizationId),
        ImsOrgId = ImsOrgId,
        ProjectId = new ProjectId(ProjectId),
        WorkspaceId = new WorkspaceId(WorkspaceId),
        Name = WorkspaceName,
    };
}

/// <summary>A row of a credential with its workspace.</summary>
internal sealed class CredentialRow : WorkspaceRow
{
    public string CredentialId { get; init; } = "";

    public string ClientId { get; init; } = "";

    public string CredentialName { get; init; } = "";

    public string TechnicalAccountId { get; init; } = "";

    public string TechnicalAccountEmail { get; init; } = "";

    public long CredentialCreatedMs { get; init; }

    public Credential ToCredential() => new()
    {
        Id = new CredentialId(CredentialId),
        ClientId = new ClientId(ClientId),
        Name = CredentialName,
        TechnicalAccountId = TechnicalAccountId,
        TechnicalAccountEmail = TechnicalAccountEmail,
        Workspace = ToWorkspace(),
    };
}

/// <summary>A row of a namespace with its workspace.</summary>
internal sealed class NamespaceRow : WorkspaceRow
{
    public string Name { get; init; } = "";

    public string Uuid { get; init; } = "";

    public string KeyProtected { get; init; } = "";
}
