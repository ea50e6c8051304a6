using System.Security.Cryptography;
using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.Signing;

/// <summary>
/// The table <c>signing_keys</c>: two key pairs in use, made at the first start, and the retired ones for as long as a
/// retry or a replay could carry them.
/// </summary>
internal sealed class SigningKeys(Database database, SecretProtector secrets, EventsOptions options, TimeProvider clock) : IDisposable
{
    private const string Purpose = "events.signing-key";

    private const int KeyBits = 2048;

    private readonly SemaphoreSlim _gate = new(1);
    private volatile SigningKeyRing? _ring;

    /// <summary>
    /// How long a retired pair is kept: an event can be replayed as long as it is stored (7 days, or the journal's
    /// retention when that is longer), is then retried for a day, and its receiver may read the key two days late.
    /// </summary>
    public TimeSpan Retention { get; } =
        TimeSpan.FromDays(Math.Max(7, options.JournalRetention.TotalDays)) + TimeSpan.FromDays(3);

    /// <summary>
    /// The pairs in use, and the retired ones whose time is not over. Makes the first two when they are missing; nodes that
    /// start together agree on one a slot.
    /// </summary>
    public async ValueTask<SigningKeyRing> GetAsync(CancellationToken cancellationToken)
    {
        if (_ring is { } ring && !HoldsExpired(ring))
        {
            return ring;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _ring = _ring is { } known ? known.Since(Oldest)
                : await ReadAsync(cancellationToken) is { IsComplete: true } found ? found
                : await CreateAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A public key, retired ones included, as PEM; null when unknown.</summary>
    public async ValueTask<string?> FindPublicKeyAsync(Guid id, CancellationToken cancellationToken) =>
        (await GetAsync(cancellationToken)).All.FirstOrDefault(key => key.Id == id)?.PublicKey;

    /// <summary>Changes the keys by a rule that sees them and returns the slot to renew, or null for no change.</summary>
    /// <returns>The new pair; null when the rule wanted none.</returns>
    public async Task<SigningKey?> RenewAsync(Func<SigningKeyRing, int?> choose, CancellationToken cancellationToken)
    {
        await GetAsync(cancellationToken);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var ring = _ring ?? await ReadAsync(cancellationToken);
            if (choose(ring) is not { } slot)
            {
                return null;
            }

            var generated = Generate(slot, clock.GetUtcNow());

            // From here until the commit is known, who signs waits: what was signed by the pair before was accepted before
            // now, and what is accepted later is signed by the new one. When the commit throws, it may have taken effect.
            _ring = null;

            // The next whole millisecond, as the table keeps them, strictly after the pair before.
            var from = Math.Max(clock.GetUtcNow().ToUnixTimeMilliseconds(), ring.Of(slot)[^1].CreatedAt.ToUnixTimeMilliseconds()) + 1;
            var made = generated with { CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(from) };
            await database.WriteAsync(
                session =>
                {
                    session.Execute("UPDATE signing_keys SET retired_at = @from WHERE slot = @slot AND retired_at IS NULL", new { from, slot });
                    Insert(session, made);
                },
                CancellationToken.None);
            _ring = await ReadAsync(CancellationToken.None);
            return made;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Deletes the retired pairs whose time is over.</summary>
    public Task DeleteExpiredAsync(CancellationToken cancellationToken) => database.WriteAsync(
        session => session.Execute("DELETE FROM signing_keys WHERE retired_at < @oldest", new { oldest = Oldest.ToUnixTimeMilliseconds() }),
        cancellationToken);

    public void Dispose() => _gate.Dispose();

    /// <summary>The time of a pair that was retired earlier is over. Whole milliseconds, as the table keeps them.</summary>
    private DateTimeOffset Oldest => DateTimeOffset.FromUnixTimeMilliseconds((clock.GetUtcNow() - Retention).ToUnixTimeMilliseconds());

    private bool HoldsExpired(SigningKeyRing ring) => ring.FirstRetiredAt < Oldest;

    private async Task<SigningKeyRing> CreateAsync(CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        SigningKey[] made = [Generate(1, now), Generate(2, now)];
        await database.WriteAsync(session => Array.ForEach(made, key => Insert(session, key)), cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    private void Insert(WriteSession session, SigningKey key) => session.Execute(
        """
        INSERT INTO signing_keys (key_id, slot, private_key, public_key, created_at)
        VALUES (@id, @slot, @privateKey, @publicKey, @createdAt) ON CONFLICT DO NOTHING
        """,
        new
        {
            id = key.Id.ToString("D"),
            slot = key.Slot,
            privateKey = secrets.Protect(Purpose, key.PrivateKey),
            publicKey = key.PublicKey,
            createdAt = key.CreatedAt.ToUnixTimeMilliseconds(),
        });

    private async Task<SigningKeyRing> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT key_id AS KeyId, slot AS Slot, private_key AS PrivateKey, public_key AS PublicKey,
              created_at AS CreatedAt, retired_at AS RetiredAt
            FROM signing_keys WHERE retired_at IS NULL OR retired_at >= @oldest
            """,
            new { oldest = Oldest.ToUnixTimeMilliseconds() },
            cancellationToken: cancellationToken));
        return new SigningKeyRing(rows.Select(row => new SigningKey
        {
            Id = Guid.Parse(row.KeyId),
            Slot = row.Slot,
            PrivateKey = secrets.Unprotect(Purpose, row.PrivateKey),
            PublicKey = row.PublicKey,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt),
            RetiredAt = row.RetiredAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
        }));
    }

    private static SigningKey Generate(int slot, DateTimeOffset createdAt)
    {
        using var rsa = RSA.Create(KeyBits);
        return new SigningKey
        {
            Id = Guid.NewGuid(),
            Slot = slot,
            PrivateKey = rsa.ExportPkcs8PrivateKeyPem(),
            PublicKey = rsa.ExportSubjectPublicKeyInfoPem(),
            CreatedAt = createdAt,
        };
    }

    private sealed class Row
    {
        public required string KeyId { get; init; }

        public int Slot { get; init; }

        public required string PrivateKey { get; init; }

        public required string PublicKey { get; init; }

        public long CreatedAt { get; init; }

        public long? RetiredAt { get; init; }
    }
}
