using System.Text.RegularExpressions;

namespace Signalbox.Identity.Provisioning;

/// <summary>What to call a new organization, its project and its workspace.</summary>
public sealed partial record NewWorkspace
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
        Check(OrganizationName.Length is >= 1 and <= 100, nameof(OrganizationName), OrganizationName, "1 to 100 characters");
        Check(Name().IsMatch(ProjectName), nameof(ProjectName), ProjectName, "1 to 20 letters and digits");
        Check(Title().IsMatch(ProjectTitle), nameof(ProjectTitle), ProjectTitle, "1 to 45 letters, digits and spaces");
        Check(Name().IsMatch(WorkspaceName), nameof(WorkspaceName), WorkspaceName, "1 to 20 letters and digits");
    }

    private static void Check(bool valid, string name, string value, string rule)
    {
        if (!valid)
        {
            throw new ArgumentException($"{name} '{value}' must have {rule}.", name);
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9]{1,20}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[\p{L}0-9 ]{1,45}\z")]
    private static partial Regex Title();
}
