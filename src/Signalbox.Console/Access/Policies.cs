namespace Signalbox.WebConsole.Access;

/// <summary>What a page asks for: <c>@attribute [Authorize(Policy = Policies.Developer)]</c>. Without one, every signed-in user may open it.</summary>
public static class Policies
{
    public const string Developer = "developer";

    public const string Administrator = "administrator";
}
