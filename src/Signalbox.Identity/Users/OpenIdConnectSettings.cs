namespace Signalbox.Identity.Users;

/// <summary>Signing in by an OpenID Connect provider. Bound from <c>Console:OpenIdConnect</c>; off while there is no authority.</summary>
public sealed record OpenIdConnectSettings
{
    /// <summary>The issuer's URL, such as <c>https://login.example.com/realms/main</c>. https, or http on loopback. Null: off.</summary>
    public Uri? Authority { get; init; }

    public string ClientId { get; init; } = "";

    /// <summary>Null: a public client, by PKCE alone.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What the button of the sign-in page calls it.</summary>
    public string Name { get; init; } = "single sign-on";

    /// <summary>
    /// The claim of the id token that holds roles; null: nobody is admitted who was not invited. Whoever has one of the
    /// values below is admitted with that role, which follows the claim at each sign-in.
    /// </summary>
    public string? RoleClaim { get; init; }

    public string AdministratorValue { get; init; } = "signalbox-administrator";

    public string DeveloperValue { get; init; } = "signalbox-developer";

    public string ViewerValue { get; init; } = "signalbox-viewer";

    public bool IsOn => Authority is not null;

    /// <summary>The highest role among a claim's values; null when none is one of ours.</summary>
    public UserRole? RoleOf(IEnumerable<string> values)
    {
        UserRole? highest = null;
        foreach (var value in values)
        {
            UserRole? role = value == AdministratorValue ? UserRole.SystemAdministrator
                : value == DeveloperValue ? UserRole.Developer
                : value == ViewerValue ? UserRole.Viewer
                : null;
            highest = role is null || role < highest ? highest : role;
        }

        return highest;
    }

    /// <exception cref="ArgumentException">A value that cannot be used; the message names it.</exception>
    public void Validate()
    {
        if (Authority is null)
        {
            return;
        }

        if (!Authority.IsAbsoluteUri || (Authority.Scheme != Uri.UriSchemeHttps && !(Authority.Scheme == Uri.UriSchemeHttp && Authority.IsLoopback)))
        {
            throw new ArgumentException($"Console:OpenIdConnect:Authority is '{Authority}'. It must be an https URL, or an http one on loopback.");
        }

        if (ClientId.Length == 0)
        {
            throw new ArgumentException("Console:OpenIdConnect:ClientId is missing. Register this server with the provider, with the redirect URI <public URL>/console/oidc/callback.");
        }
    }
}
