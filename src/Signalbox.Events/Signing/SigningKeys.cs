using System.Security.Cryptography;
using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.Signing;

/// <summary>The table <c>signing_keys</c>: two key pairs in use, made at the first start, and those that were replaced.</summary>
internal sealed class SigningKeys(Database database, SecretProtector secrets, TimeProvider clock)
{
    private const string Purpose = "events.signing-key";

    private const int KeyBits = 2048;

    private readonly SemaphoreSlim _loading = new(1);
    private IReadOnlyList<SigningKey>? _loaded;

    /// <summary>The pairs in use, slot 1 first. Makes them when they are missing; nodes that start together agree on one pair a slot.</summary>
    public async ValueTask<IReadOnlyList<SigningKey>> GetAsync(CancellationToken cancellationToken)
    {
        if (_loaded is { } loaded)
        {
            return loaded;
        }

        await _loading.WaitAsync(cancellationToken);
        try
        {
            return _loaded ??= await ReadAsync(cancellationToken) is { Count: 2 } found
                ? found
                : await CreateAsync(cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>A public key, retired ones included, as PEM; null when unknown.</summary>
    public async ValueTask<string?> FindPublicKeyAsync(Guid id, CancellationToken cancellationToken)
    {
        if ((await GetAsync(cancellationToken)).FirstOrDefault(key => key.Id == id) is { } inUse)
        {
            return inUse.PublicKey;
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            "SELECT public_key FROM signing_keys WHERE key_id = @id", new { id = id.ToString("D") }, cancellationToken: cancellationToken));
    }

    private async Task<IReadOnlyList<SigningKey>> CreateAsync(CancellationToken cancellationToken)
    {
        SigningKey[] made = [Generate(1), Generate(2)];
        var rows = made.Select(key => new
        {
            id = key.Id.ToString("D"),
            slot = key.Slot,
            privateKey = secrets.Protect(Purpose, key.PrivateKey),
            publicKey = key.PublicKey,
            now = clock.GetUtcNow().ToUnixTimeMilliseconds(),
        }).ToArray();
        await database.WriteAsync(
            session => session.Execute(
                """
                INSERT INTO signing_keys (key_id, slot, private_key, public_key, created_at)
                VALUES (@id, @slot, @privateKey, @publicKey, @now) ON CONFLICT DO NOTHING
                """,
                rows),
            cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<SigningKey>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT key_id AS KeyId, slot AS Slot, private_key AS PrivateKey, public_key AS PublicKey
            FROM signing_keys WHERE retired_at IS NULL ORDER BY slot
            """,
            cancellationToken: cancellationToken));
        return
        [
            .. rows.Select(row => new SigningKey
            {
                Id = Guid.Parse(row.KeyId),
                Slot = row.Slot,
                PrivateKey = secrets.Unprotect(Purpose, row.PrivateKey),
                PublicKey = row.PublicKey,
            }),
        ];
    }

    private static SigningKey Generate(int slot)
    {
        using var rsa = RSA.Create(KeyBits);
        return new SigningKey
        {
            Id = Guid.NewGuid(),
            Slot = slot,
            PrivateKey = rsa.ExportPkcs8PrivateKeyPem(),
            PublicKey = rsa.ExportSubjectPublicKeyInfoPem(),
        };
    }

    private sealed class Row
    {
        public required string KeyId { get; init; }

        public int Slot { get; init; }

        public required string PrivateKey { get; init; }

        public required string PublicKey { get; init; }
    }
}
