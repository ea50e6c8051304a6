using Signalbox.Identity;
using Signalbox.Identity.Users;

namespace Signalbox.WebConsole.Access;

/// <summary>What a page is about to do, for the check of the role and for the audit log.</summary>
/// <param name="Action">A noun and a verb, such as <c>registration.delete</c>.</param>
/// <param name="Target">What is changed, so that a reader knows it: a name and an id. Never a secret.</param>
public sealed record Change(string Action, string Target)
{
    public Workspace? Workspace { get; init; }

    /// <summary>Whoever has at least this role may do it.</summary>
    public UserRole Needs { get; init; } = UserRole.Developer;

    /// <summary>What else the audit log should tell; never a secret.</summary>
    public string Detail { get; init; } = "";
}
