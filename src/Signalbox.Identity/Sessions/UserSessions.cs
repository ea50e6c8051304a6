using System.Security.Cryptography;
using Dapper;
using Signalbox.Identity.Users;
using Signalbox.Storage;

namespace Signalbox.Identity.Sessions;

/// <summary>
/// The console's sessions, kept in the database so that they can be listed and ended. A browser holds a random token,
/// the database its hash.
/// </summary>
public sealed class UserSessions
{
    private const int SessionsPerUserMax = 50;
    private const int TokenBytes = 32;
    private const int UserAgentLengthMax = 300;

    // Being used is noted at most so often: a page asks many times.
    private static readonly TimeSpan _seenStep = TimeSpan.FromMinutes(1);

    private const string Query = """
        SELECT s.id AS SessionId, s.address AS Address, s.user_agent AS UserAgent, s.created_at AS SessionCreatedAt,
               s.seen_at AS SeenAt, s.expires_at AS ExpiresAt,
               u.id AS Id, u.sign_in AS SignIn, u.name AS Name, u.role AS Role, u.password_hash AS PasswordHash,
               u.is_disabled AS IsDisabled, u.created_at AS CreatedAt, u.signed_in_at AS SignedInAt
        FROM identity_user_sessions s JOIN identity_users u ON u.id = s.user_id
        """;

    private readonly Database _database;
    private readonly ConsoleOptions _options;
    private readonly TimeProvider _clock;

    public UserSessions(Database database, ConsoleOptions options, TimeProvider clock)
    {
        options.Validate();
        (_database, _options, _clock) = (database, options, clock);
    }

    /// <summary>Starts a session and returns its token. A user's oldest sessions give way to more than 50.</summary>
    public async Task<string> StartAsync(UserId user, string address, string userAgent, CancellationToken cancellationToken)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        var now = Now();
        await _database.WriteAsync(
            session =>
            {
                session.Execute("DELETE FROM identity_user_sessions WHERE expires_at <= @now OR seen_at <= @Idle", new { now, Idle = now - Milliseconds(_options.SessionIdle) });
                session.Execute(
                    """
                    DELETE FROM identity_user_sessions WHERE user_id = @User AND id NOT IN
                      (SELECT id FROM identity_user_sessions WHERE user_id = @User ORDER BY seen_at DESC LIMIT @Keep)
                    """,
                    new { User = user.Value, Keep = SessionsPerUserMax - 1 });
                session.Execute(
                    """
                    INSERT INTO identity_user_sessions (id, user_id, token_hash, address, user_agent, created_at, seen_at, expires_at)
                    VALUES (@Id, @User, @Hash, @address, @Agent, @now, @now, @ExpiresAt)
                    """,
                    new
                    {
                        Id = Guid.CreateVersion7().ToString("N"),
                        User = user.Value,
                        Hash = UserDirectory.Hash(token),
                        address,
                        Agent = userAgent.Length > UserAgentLengthMax ? userAgent[..UserAgentLengthMax] : userAgent,
                        now,
                        ExpiresAt = now + Milliseconds(_options.SessionLifetime),
                    });
            },
            cancellationToken);
        return token;
    }

    /// <summary>The session of a token, or null when it has ended or its user is disabled. Counts as being used.</summary>
    public async Task<UserSession?> FindByTokenAsync(string token, CancellationToken cancellationToken) =>
        await TouchAsync(await SingleAsync("s.token_hash = @Key", UserDirectory.Hash(token), cancellationToken), cancellationToken);

    /// <summary>The session of an id, or null when it has ended or its user is disabled. Counts as being used.</summary>
    public async Task<UserSession?> FindAsync(string id, CancellationToken cancellationToken) =>
        await TouchAsync(await SingleAsync("s.id = @Key", id, cancellationToken), cancellationToken);

    /// <summary>The user's sessions, the last used first.</summary>
    public async Task<IReadOnlyList<UserSession>> ListAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<SessionRow>(new CommandDefinition(
            $"{Query} WHERE s.user_id = @User ORDER BY s.seen_at DESC", new { User = user.Value }, cancellationToken: cancellationToken));
        return [.. rows.Where(IsAlive).Select(row => row.ToSession())];
    }

    public Task EndByTokenAsync(string token, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => session.Execute("DELETE FROM identity_user_sessions WHERE token_hash = @Hash", new { Hash = UserDirectory.Hash(token) }), cancellationToken);

    /// <summary>Ends one session of a user.</summary>
    public Task EndAsync(UserId user, string id, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => session.Execute("DELETE FROM identity_user_sessions WHERE id = @id AND user_id = @User", new { id, User = user.Value }), cancellationToken);

    /// <summary>Ends all sessions of a user but one.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="exceptId">The one that stays; null: none stays.</param>
    /// <param name="cancellationToken">Gives up waiting for the write.</param>
    public Task EndAllAsync(UserId user, string? exceptId, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            session => session.Execute("DELETE FROM identity_user_sessions WHERE user_id = @User AND id <> @Except", new { User = user.Value, Except = exceptId ?? "" }),
            cancellationToken);

    private async Task<UserSession?> TouchAsync(SessionRow? row, CancellationToken cancellationToken)
    {
        if (row is null || !IsAlive(row))
        {
            return null;
        }

        var now = Now();
        if (now - row.SeenAt >= Milliseconds(_seenStep))
        {
            await _database.WriteAsync(
                session => session.Execute("UPDATE identity_user_sessions SET seen_at = @now WHERE id = @Id", new { now, Id = row.SessionId }), cancellationToken);
        }

        return row.ToSession();
    }

    private bool IsAlive(SessionRow row)
    {
        var now = Now();
        return !row.IsDisabled && row.ExpiresAt > now && row.SeenAt > now - Milliseconds(_options.SessionIdle);
    }

    private async Task<SessionRow?> SingleAsync(string condition, string key, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<SessionRow>(
            new CommandDefinition($"{Query} WHERE {condition}", new { Key = key }, cancellationToken: cancellationToken));
    }

    private long Now() => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;

    private sealed class SessionRow
    {
        public string SessionId { get; init; } = "";
        public string Address { get; init; } = "";
        public string UserAgent { get; init; } = "";
        public long SessionCreatedAt { get; init; }
        public long SeenAt { get; init; }
        public long ExpiresAt { get; init; }
        public string Id { get; init; } = "";
        public string SignIn { get; init; } = "";
        public string Name { get; init; } = "";
        public string Role { get; init; } = "";
        public string? PasswordHash { get; init; }
        public bool IsDisabled { get; init; }
        public long CreatedAt { get; init; }
        public long? SignedInAt { get; init; }

        public UserSession ToSession() => new()
        {
            Id = SessionId,
            User = new UserRow
            {
                Id = Id,
                SignIn = SignIn,
                Name = Name,
                Role = Role,
                PasswordHash = PasswordHash,
                IsDisabled = IsDisabled,
                CreatedAt = CreatedAt,
                SignedInAt = SignedInAt,
            }.ToUser(),
            Address = Address,
            UserAgent = UserAgent,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(SessionCreatedAt),
            SeenAt = DateTimeOffset.FromUnixTimeMilliseconds(SeenAt),
            ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(ExpiresAt),
        };
    }
}
