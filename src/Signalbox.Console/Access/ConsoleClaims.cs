using System.Security.Claims;
using Signalbox.Identity.Sessions;
using Signalbox.Identity.Users;

namespace Signalbox.WebConsole.Access;

/// <summary>A session as claims, and back.</summary>
internal static class ConsoleClaims
{
    public const string Scheme = "console";

    private const string SessionClaim = "sid";

    public static ClaimsPrincipal ToPrincipal(UserSession session) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, session.User.Id.Value),
            new Claim(ClaimTypes.Name, session.User.Name),
            new Claim(ClaimTypes.Role, session.User.Role.Word()),
            new Claim(SessionClaim, session.Id),
        ],
        Scheme));

    /// <summary>Who signs in: the session is made of it.</summary>
    public static ClaimsPrincipal ToPrincipal(User user) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user.Id.Value)], Scheme));

    public static UserId? UserId(this ClaimsPrincipal principal) =>
        principal.FindFirstValue(ClaimTypes.NameIdentifier) is { } id ? new UserId(id) : null;

    public static string? SessionId(this ClaimsPrincipal principal) => principal.FindFirstValue(SessionClaim);

    public static UserRole Role(this ClaimsPrincipal principal) => UserRoles.Parse(principal.FindFirstValue(ClaimTypes.Role)) ?? UserRole.Viewer;
}
