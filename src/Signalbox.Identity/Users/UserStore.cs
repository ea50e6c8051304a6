using Dapper;
using Signalbox.Storage;

namespace Signalbox.Identity.Users;

/// <summary>The tables <c>identity_users</c> and <c>identity_user_links</c>.</summary>
internal sealed class UserStore(Database database)
{
    private const string Columns = """
        id AS Id, sign_in AS SignIn, name AS Name, role AS Role, password_hash AS PasswordHash,
        is_disabled AS IsDisabled, created_at AS CreatedAt, signed_in_at AS SignedInAt
        """;

    public Task<UserRow?> FindAsync(UserId id, CancellationToken cancellationToken) =>
        SingleAsync($"SELECT {Columns} FROM identity_users WHERE id = @Key", id.Value, cancellationToken);

    public Task<UserRow?> FindAsync(string signIn, CancellationToken cancellationToken) =>
        SingleAsync($"SELECT {Columns} FROM identity_users WHERE sign_in = @Key", signIn, cancellationToken);

    public async Task<UserRow?> FindByLinkAsync(string tokenHash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<UserRow>(new CommandDefinition(
            $"""
            SELECT {Columns} FROM identity_users WHERE id =
              (SELECT user_id FROM identity_user_links WHERE token_hash = @Hash AND expires_at > @Now)
            """,
            new { Hash = tokenHash, Now = now.ToUnixTimeMilliseconds() },
            cancellationToken: cancellationToken));
    }

    /// <summary>The user whom an OpenID Connect provider's subject stands for.</summary>
    public async Task<UserRow?> FindByLoginAsync(string issuer, string subject, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<UserRow>(new CommandDefinition(
            $"SELECT {Columns} FROM identity_users WHERE id = (SELECT user_id FROM identity_user_logins WHERE issuer = @issuer AND subject = @subject)",
            new { issuer, subject },
            cancellationToken: cancellationToken));
    }

    /// <summary>Lets a subject stand for a user. Returns the user whom it stands for then: another sign-in may have been quicker.</summary>
    public async Task<UserRow?> LinkLoginAsync(string issuer, string subject, UserId user, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            session => session.Execute(
                "INSERT INTO identity_user_logins (issuer, subject, user_id) VALUES (@issuer, @subject, @User) ON CONFLICT DO NOTHING",
                new { issuer, subject, User = user.Value }),
            cancellationToken);
        return await FindByLoginAsync(issuer, subject, cancellationToken);
    }

    public async Task<IReadOnlyList<UserRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return [.. await connection.QueryAsync<UserRow>(new CommandDefinition(
            $"SELECT {Columns} FROM identity_users ORDER BY sign_in", cancellationToken: cancellationToken))];
    }

    /// <summary>Adds a user, unless the sign-in is taken or there are as many as there may be.</summary>
    public Task<UserConflict> AddAsync(UserRow user, int usersMax, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                if (session.QuerySingleOrDefault<long>("SELECT COUNT(*) FROM identity_users") >= usersMax)
                {
                    return UserConflict.Full;
                }

                return session.Execute(
                    """
                    INSERT INTO identity_users (id, sign_in, name, role, password_hash, is_disabled, created_at)
                    VALUES (@Id, @SignIn, @Name, @Role, @PasswordHash, @IsDisabled, @CreatedAt)
                    ON CONFLICT (sign_in) DO NOTHING
                    """,
                    user) == 1 ? UserConflict.None : UserConflict.SignInTaken;
            },
            cancellationToken);

    public Task WriteLinkAsync(UserId id, string tokenHash, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(
                """
                INSERT INTO identity_user_links (user_id, token_hash, expires_at) VALUES (@Id, @Hash, @ExpiresAt)
                ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at
                """,
                new { Id = id.Value, Hash = tokenHash, ExpiresAt = expiresAt.ToUnixTimeMilliseconds() }),
            cancellationToken);

    /// <summary>Uses a link up and sets the password of its user, whose other sessions end. Null when the link is not good.</summary>
    public Task<string?> RedeemAsync(string tokenHash, string passwordHash, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var id = session.QuerySingleOrDefault<string>(
                    "DELETE FROM identity_user_links WHERE token_hash = @Hash AND expires_at > @Now RETURNING user_id",
                    new { Hash = tokenHash, Now = now.ToUnixTimeMilliseconds() });
                if (id is not null)
                {
                    session.Execute("UPDATE identity_users SET password_hash = @Password WHERE id = @Id", new { Id = id, Password = passwordHash });
                    session.Execute("DELETE FROM identity_user_sessions WHERE user_id = @Id", new { Id = id });
                }

                return id;
            },
            cancellationToken);

    public Task SetPasswordAsync(UserId id, string passwordHash, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute("UPDATE identity_users SET password_hash = @Password WHERE id = @Id", new { Id = id.Value, Password = passwordHash }),
            cancellationToken);

    public Task NoteSignInAsync(UserId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute("UPDATE identity_users SET signed_in_at = @Now WHERE id = @Id", new { Id = id.Value, Now = now.ToUnixTimeMilliseconds() }),
            cancellationToken);

    /// <summary>Changes role and state, unless no enabled administrator would be left. A disabled user's sessions and link end.</summary>
    public Task<bool> ChangeAsync(UserId id, UserRole role, bool isDisabled, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var administrator = UserRole.SystemAdministrator.Word();
                if ((role != UserRole.SystemAdministrator || isDisabled)
                    && session.QuerySingleOrDefault<long>(
                        "SELECT COUNT(*) FROM identity_users WHERE role = @administrator AND is_disabled = FALSE AND id <> @Id",
                        new { administrator, Id = id.Value }) == 0)
                {
                    return false;
                }

                session.Execute(
                    "UPDATE identity_users SET role = @Role, is_disabled = @isDisabled WHERE id = @Id",
                    new { Id = id.Value, Role = role.Word(), isDisabled });
                if (isDisabled)
                {
                    session.Execute("DELETE FROM identity_user_sessions WHERE user_id = @Id", new { Id = id.Value });
                    session.Execute("DELETE FROM identity_user_links WHERE user_id = @Id", new { Id = id.Value });
                }

                return true;
            },
            cancellationToken);

    private async Task<UserRow?> SingleAsync(string sql, string key, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<UserRow>(new CommandDefinition(sql, new { Key = key }, cancellationToken: cancellationToken));
    }
}

/// <summary>Why a user cannot be added.</summary>
internal enum UserConflict
{
    None,
    SignInTaken,
    Full,
}
