using System.Security.Cryptography;
using Dapper;
using Microsoft.IdentityModel.Tokens;
using Signalbox.Storage;

namespace Signalbox.Identity.Tokens;

/// <summary>
/// The RSA keys that sign access tokens, made on first use and kept encrypted. The newest signs, all verify; they are
/// read once, so another node's new key is known after a restart.
/// </summary>
internal sealed class TokenSigningKeys(Database database, SecretProtector secrets, TimeProvider clock) : IDisposable
{
    private const string Purpose = "identity.token-signing-key";
    private const int KeyBits = 2048;

    private readonly SemaphoreSlim _gate = new(1);
    private RsaSecurityKey[]? _keys;

    /// <summary>All keys, the signing one first.</summary>
    public ValueTask<RsaSecurityKey[]> GetAsync(CancellationToken cancellationToken) =>
        _keys is { } keys ? ValueTask.FromResult(keys) : LoadAsync(cancellationToken);

    public void Dispose()
    {
        _gate.Dispose();
        foreach (var key in _keys ?? [])
        {
            key.Rsa.Dispose();
        }
    }

    private async ValueTask<RsaSecurityKey[]> LoadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_keys is { } loaded)
            {
                return loaded;
            }

            var keys = await ReadAsync(cancellationToken);
            if (keys.Length == 0)
            {
                await CreateFirstAsync(cancellationToken);
                keys = await ReadAsync(cancellationToken);
            }

            return _keys = keys;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<RsaSecurityKey[]> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            "SELECT key_id AS KeyId, key_protected AS KeyProtected FROM identity_signing_keys ORDER BY place DESC",
            cancellationToken: cancellationToken));
        return [.. rows.Select(ToKey)];
    }

    /// <summary>Of several nodes that start at once, the first one's key is kept.</summary>
    private async Task CreateFirstAsync(CancellationToken cancellationToken)
    {
        using var rsa = RSA.Create(KeyBits);
        var row = new
        {
            KeyId = Guid.NewGuid().ToString("N"),
            Key = secrets.Protect(Purpose, Convert.ToBase64String(rsa.ExportPkcs8PrivateKey())),
            Now = clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        await database.WriteAsync(
            session => session.Execute(
                """
                INSERT INTO identity_signing_keys (place, key_id, key_protected, created_at) VALUES (1, @KeyId, @Key, @Now)
                ON CONFLICT (place) DO NOTHING
                """,
                row),
            cancellationToken);
    }

    private RsaSecurityKey ToKey(Row row)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(secrets.Unprotect(Purpose, row.KeyProtected)), out _);
        return new RsaSecurityKey(rsa) { KeyId = row.KeyId };
    }

    private sealed class Row
    {
        public string KeyId { get; init; } = "";

        public string KeyProtected { get; init; } = "";
    }
}
