using System.Net;

namespace Signalbox.Identity.Tokens;

/// <summary>Decides whether a client gets a token: the client credentials grant.</summary>
internal sealed class TokenGrant(IdentityDirectory directory, TokenIssuer issuer, ClientFailures failures)
{
    private const int ClientIdCharactersMax = 128;

    /// <param name="form">What the client sent.</param>
    /// <param name="caller">From where; null when that is not known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(IssuedToken? Token, OAuthError? Error)> GrantAsync(TokenForm form, IPAddress? caller, CancellationToken cancellationToken)
    {
        if (form is not { GrantType: { } grantType, ClientId: { } clientId, ClientSecret: { } clientSecret })
        {
            return (null, OAuthError.InvalidRequest(
                "The form must have each of grant_type, client_id and client_secret exactly once, and not empty."));
        }

        if (grantType != "client_credentials")
        {
            return (null, OAuthError.UnsupportedGrantType(grantType));
        }

        if (clientId.Length > ClientIdCharactersMax)
        {
            return (null, OAuthError.InvalidClient());
        }

        var client = new ClientId(clientId);
        var credential = await directory.FindCredentialAsync(client, cancellationToken);
        if (credential is null || !await directory.AuthenticateClientAsync(client, clientSecret, cancellationToken))
        {
            return (null, Refuse(clientId, caller));
        }

        return await GrantAsync(form, credential, cancellationToken);
    }

    /// <summary>
    /// What a wrong secret is answered. A right one never waits, or whoever shares its owner's address could keep it out;
    /// 240 random bits are not found by guessing faster. To look costs a comparison, and for an unknown client id one read.
    /// </summary>
    private OAuthError Refuse(string clientId, IPAddress? caller)
    {
        if (failures.Wait(clientId, caller) is var wait && wait > TimeSpan.Zero)
        {
            return OAuthError.TooManyFailures(wait);
        }

        failures.Count(clientId, caller);
        return OAuthError.InvalidClient();
    }

    private async Task<(IssuedToken? Token, OAuthError? Error)> GrantAsync(
        TokenForm form, Credential credential, CancellationToken cancellationToken)
    {
        if (form.OrgId is { } organization && organization != credential.Workspace.ImsOrgId)
        {
            return (null, OAuthError.WrongOrganization(organization));
        }

        var asked = form.Scope is { } scope ? Scopes.Split(scope) : [];
        if (asked.FirstOrDefault(one => !Scopes.All.Contains(one)) is { } unknown)
        {
            return (null, OAuthError.InvalidScope(unknown));
        }

        IReadOnlyList<string> granted = asked.Length > 0 ? [.. asked.Distinct()] : Scopes.All;
        return (await issuer.IssueAsync(credential, granted, lifetime: null, cancellationToken), null);
    }
}
