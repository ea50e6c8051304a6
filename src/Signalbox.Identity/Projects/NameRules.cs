using System.Text.RegularExpressions;

namespace Signalbox.Identity.Projects;

/// <summary>What organizations, projects, workspaces and credentials may be called (clients, section 5).</summary>
public static partial class NameRules
{
    public const int OrganizationNameLengthMax = 100;

    public const int NameLengthMax = 20;

    public const int TitleLengthMax = 45;

    public const int DescriptionLengthMax = 1_000;

    public const int CredentialNameLengthMax = 100;

    /// <summary>Null when it may be used; else why not.</summary>
    public static ProjectRefusal? CheckOrganizationName(string name) => CheckText("name", "organization's name", name, OrganizationNameLengthMax);

    /// <inheritdoc cref="CheckOrganizationName"/>
    public static ProjectRefusal? CheckProjectName(string name) => CheckName("project", name);

    /// <inheritdoc cref="CheckOrganizationName"/>
    public static ProjectRefusal? CheckWorkspaceName(string name) => CheckName("workspace", name);

    /// <inheritdoc cref="CheckOrganizationName"/>
    public static ProjectRefusal? CheckProjectTitle(string title) =>
        TitlePattern().IsMatch(title) && title.Trim().Length > 0
            ? null
            : Refuse("title", $"The project's title '{Shown(title)}' must have 1 to {TitleLengthMax} letters, digits and spaces.");

    /// <inheritdoc cref="CheckOrganizationName"/>
    public static ProjectRefusal? CheckDescription(string description) =>
        description.Length <= DescriptionLengthMax && !description.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))
            ? null
            : Refuse("description", $"The description must have at most {DescriptionLengthMax} characters, and no control characters. It has {description.Length}.");

    /// <inheritdoc cref="CheckOrganizationName"/>
    public static ProjectRefusal? CheckCredentialName(string name) => CheckText("name", "credential's name", name, CredentialNameLengthMax);

    private static ProjectRefusal? CheckName(string what, string name) =>
        NamePattern().IsMatch(name)
            ? null
            : Refuse("name", $"The {what}'s name '{Shown(name)}' must have 1 to {NameLengthMax} letters (A to Z, upper or lower case) and digits, without spaces.");

    private static ProjectRefusal? CheckText(string field, string what, string text, int lengthMax) =>
        text.Trim().Length >= 1 && text.Length <= lengthMax && !text.Any(char.IsControl)
            ? null
            : Refuse(field, $"The {what} '{Shown(text)}' must have 1 to {lengthMax} characters.");

    private static ProjectRefusal Refuse(string field, string message) => new(message) { Field = field };

    private static string Shown(string text) => text.Length <= 60 ? text : text[..60] + "…";

    [GeneratedRegex(@"^[A-Za-z0-9]{1,20}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[\p{L}0-9 ]{1,45}\z")]
    private static partial Regex TitlePattern();
}
