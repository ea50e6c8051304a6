using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Signalbox.Identity.Lookup;

namespace Signalbox.Identity.Tokens;

/// <summary>
/// Verifies access tokens: RS256 by one of our keys, our issuer, not expired. A verified token is remembered by its
/// SHA-256 until it expires, because checking a signature costs more than everything else about a request.
/// </summary>
public sealed class TokenVerifier
{
    internal const string AccessTokenType = "access_token";

    private const int TokenCharactersMax = 16_384;

    private static readonly TokenVerdict _malformed = TokenVerdict.Refused(
        "The access token is malformed, was not signed by this server, or is no access token. Get one from POST /ims/token/v3.");

    private static readonly TokenVerdict _expired = TokenVerdict.Refused(
        "The access token has expired. Get a new one from POST /ims/token/v3.");

    private readonly TokenSigningKeys _keys;
    private readonly IdentityOptions _options;
    private readonly TimeProvider _clock;
    private readonly BoundedCache<TokenHash, TokenVerdict> _verified;
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = TokenCharactersMax };

    internal TokenVerifier(TokenSigningKeys keys, IdentityOptions options, TimeProvider clock)
    {
        _keys = keys;
        _options = options;
        _clock = clock;
        _verified = new(options.CacheEntriesMax);
    }

    /// <summary>Checks a bearer token. Whether its client still exists is the caller's question.</summary>
    public ValueTask<TokenVerdict> VerifyAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length > TokenCharactersMax)
        {
            return ValueTask.FromResult(_malformed);
        }

        var hash = Hash(token);
        if (_verified.TryGet(hash, out var known))
        {
            return ValueTask.FromResult(_clock.GetUtcNow() < known.Token!.ExpiresAt ? known : _expired);
        }

        return VerifySignatureAsync(token, hash, cancellationToken);
    }

    private async ValueTask<TokenVerdict> VerifySignatureAsync(string token, TokenHash hash, CancellationToken cancellationToken)
    {
        var version = _verified.Version;
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKeys = await _keys.GetAsync(cancellationToken),
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ValidIssuer = _options.TokenIssuerName,
            ValidateAudience = false,
            RequireSignedTokens = true,
            LifetimeValidator = (_, expires, _, _) => expires is { } moment && _clock.GetUtcNow() < new DateTimeOffset(moment, TimeSpan.Zero),
        });
        if (!result.IsValid)
        {
            return result.Exception is SecurityTokenInvalidLifetimeException ? _expired : _malformed;
        }

        if (Read((JsonWebToken)result.SecurityToken) is not { } read)
        {
            return _malformed;
        }

        var verdict = TokenVerdict.Valid(read);
        _verified.Add(hash, verdict, version);
        return verdict;
    }

    private static VerifiedToken? Read(JsonWebToken token)
    {
        if (Text(token, "type") != AccessTokenType || Text(token, "client_id") is not { } client || Text(token, "org") is not { } org)
        {
            return null;
        }

        return new VerifiedToken
        {
            ClientId = new ClientId(client),
            ImsOrgId = org,
            UserId = Text(token, "user_id") ?? "",
            Scopes = Scopes.Split(Text(token, "scope") ?? ""),
            ExpiresAt = new DateTimeOffset(token.ValidTo, TimeSpan.Zero),
        };
    }

    private static string? Text(JsonWebToken token, string claim) =>
        token.TryGetPayloadValue<string>(claim, out var value) ? value : null;

    private static TokenHash Hash(string token)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(token.Length));
        var hash = default(TokenHash);
        SHA256.HashData(
            bytes.AsSpan(0, Encoding.UTF8.GetBytes(token, bytes)), MemoryMarshal.AsBytes(new Span<TokenHash>(ref hash)));
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        return hash;
    }

    /// <summary>A SHA-256 value.</summary>
    private readonly record struct TokenHash(ulong A, ulong B, ulong C, ulong D);
}
