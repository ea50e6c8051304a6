using System.Security.Cryptography;
using System.Text;
using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.Challenges;

/// <summary>The table <c>validations</c>: the newest asynchronous challenge of each registration.</summary>
internal sealed class ValidationStore(Database database)
{
    /// <summary>What is kept of a challenge: enough to know it again, not enough to answer it.</summary>
    public static string Hash(string challenge) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(challenge)));

    public async Task<Validation?> FindAsync(long registrationKey, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            """
            SELECT webhook_url AS WebhookUrl, challenge_hash AS ChallengeHash, expires_at AS ExpiresAt, validated_at AS ValidatedAt
            FROM validations WHERE registration_key = @registrationKey
            """,
            new { registrationKey }, cancellationToken: cancellationToken));
        return row is null
            ? null
            : new Validation
            {
                RegistrationKey = registrationKey,
                Webhook = new Uri(row.WebhookUrl),
                ChallengeHash = row.ChallengeHash,
                ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(row.ExpiresAt),
                ValidatedAt = row.ValidatedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
            };
    }

    /// <summary>Puts a new challenge in the place of an earlier one, whose URL is worthless from then on.</summary>
    public Task ReplaceAsync(Validation validation) => database.WriteAsync(session => session.Execute(
        """
        INSERT INTO validations (registration_key, webhook_url, challenge_hash, expires_at)
        VALUES (@RegistrationKey, @Webhook, @ChallengeHash, @ExpiresAt)
        ON CONFLICT (registration_key) DO UPDATE SET webhook_url = excluded.webhook_url,
          challenge_hash = excluded.challenge_hash, expires_at = excluded.expires_at, validated_at = NULL
        """,
        new
        {
            validation.RegistrationKey,
            Webhook = validation.Webhook.OriginalString,
            validation.ChallengeHash,
            ExpiresAt = validation.ExpiresAt.ToUnixTimeMilliseconds(),
        }));

    public Task MarkValidatedAsync(long registrationKey, string challengeHash, DateTimeOffset at) => database.WriteAsync(session => session.Execute(
        "UPDATE validations SET validated_at = @at WHERE registration_key = @registrationKey AND challenge_hash = @challengeHash AND validated_at IS NULL",
        new { registrationKey, challengeHash, at = at.ToUnixTimeMilliseconds() }));

    public Task RemoveAsync(long registrationKey) => database.WriteAsync(session => session.Execute(
        "DELETE FROM validations WHERE registration_key = @registrationKey", new { registrationKey }));

    private sealed class Row
    {
        public string WebhookUrl { get; init; } = "";
        public string ChallengeHash { get; init; } = "";
        public long ExpiresAt { get; init; }
        public long? ValidatedAt { get; init; }
    }
}
