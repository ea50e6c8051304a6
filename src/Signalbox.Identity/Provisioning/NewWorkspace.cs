using Signalbox.Identity.Projects;

namespace Signalbox.Identity.Provisioning;

/// <summary>What to call a new organization, its project and its workspace.</summary>
public sealed record NewWorkspace
{
    /// <summary>1 to 100 characters.</summary>
    public string OrganizationName { get; init; } = "Signalbox";

    /// <summary>1 to 20 ASCII letters and digits (clients, section 5).</summary>
    public string ProjectName { get; init; } = "myproject";

    /// <summary>1 to 45 letters, digits and spaces (clients, section 5).</summary>
    public string ProjectTitle { get; init; } = "My project";

    /// <summary>1 to 20 ASCII letters and digits (clients, section 5).</summary>
    public string WorkspaceName { get; init; } = "Stage";

    /// <exception cref="ArgumentException">A name breaks its rule; the message tells which and how to mend it.</exception>
    internal void Validate()
    {
        Check(NameRules.CheckOrganizationName(OrganizationName), nameof(OrganizationName));
        Check(NameRules.CheckProjectName(ProjectName), nameof(ProjectName));
        Check(NameRules.CheckProjectTitle(ProjectTitle), nameof(ProjectTitle));
        Check(NameRules.CheckWorkspaceName(WorkspaceName), nameof(WorkspaceName));
    }

    private static void Check(ProjectRefusal? refusal, string name)
    {
        if (refusal is not null)
        {
            throw new ArgumentException(refusal.Message, name);
        }
    }
}
