namespace Signalbox.Identity.Users;

/// <summary>Lets its holder set the user's password, once.</summary>
/// <param name="Token">The secret part of the URL; only its hash is kept.</param>
/// <param name="ExpiresAt">From when on it is refused.</param>
public sealed record OneTimeLink(string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>The link's path below the server's URL.</summary>
    public string Path => $"/console/welcome?link={Token}";
}
