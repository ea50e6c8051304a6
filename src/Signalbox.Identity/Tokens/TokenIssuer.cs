using System.Globalization;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Signalbox.Identity.Tokens;

/// <summary>Signs access tokens with the claims that the Adobe clients read (clients, section 1.2).</summary>
public sealed class TokenIssuer
{
    /// <summary>The claim <c>as</c>: the clients look for the hosted service's production host by it.</summary>
    private const string AuthorizationServer = "ims-na1";

    private readonly TokenSigningKeys _keys;
    private readonly IdentityOptions _options;
    private readonly TimeProvider _clock;
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    internal TokenIssuer(TokenSigningKeys keys, IdentityOptions options, TimeProvider clock)
    {
        _keys = keys;
        _options = options;
        _clock = clock;
    }

    /// <summary>A token with all scopes. <paramref name="lifetime"/> null: the configured one.</summary>
    public ValueTask<IssuedToken> IssueAsync(Credential credential, TimeSpan? lifetime, CancellationToken cancellationToken) =>
        IssueAsync(credential, Scopes.All, lifetime, cancellationToken);

    /// <summary>A token with these scopes. <paramref name="lifetime"/> null: the configured one; counted in whole seconds.</summary>
    public async ValueTask<IssuedToken> IssueAsync(
        Credential credential, IReadOnlyList<string> scopes, TimeSpan? lifetime, CancellationToken cancellationToken)
    {
        var signingKey = (await _keys.GetAsync(cancellationToken))[0];
        var issuedAt = DateTimeOffset.FromUnixTimeSeconds(_clock.GetUtcNow().ToUnixTimeSeconds());
        var wholeLifetime = TimeSpan.FromSeconds(Math.Floor((lifetime ?? _options.TokenLifetime).TotalSeconds));
        var expiresAt = issuedAt + wholeLifetime;
        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = _options.TokenIssuerName,
            IssuedAt = issuedAt.UtcDateTime,
            Expires = expiresAt.UtcDateTime,
            SigningCredentials = new SigningCredentials(signingKey, SecurityAlgorithms.RsaSha256),
            Claims = new Dictionary<string, object>
            {
                ["id"] = Guid.NewGuid().ToString("N"),
                ["type"] = TokenVerifier.AccessTokenType,
                ["as"] = AuthorizationServer,
                ["client_id"] = credential.ClientId.Value,
                ["user_id"] = credential.TechnicalAccountId,
                ["aa_id"] = credential.TechnicalAccountId,
                ["org"] = credential.Workspace.ImsOrgId,
                ["scope"] = string.Join(',', scopes),
                ["created_at"] = issuedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
                ["expires_in"] = ((long)wholeLifetime.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            },
        });
        IdentityMetrics.TokensIssued.Add(1);
        return new IssuedToken(token, wholeLifetime, expiresAt);
    }
}
