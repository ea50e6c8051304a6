namespace Signalbox.Identity.Users;

/// <summary>
/// Who of an OpenID Connect provider's users is admitted: one who signed in before, one who was invited by a verified
/// e-mail address, or one to whom the role claim grants a role.
/// </summary>
public sealed class ExternalSignIn
{
    private const int UsersMax = 1000;

    private readonly UserStore _store;
    private readonly TimeProvider _clock;

    internal ExternalSignIn(UserStore store, TimeProvider clock) => (_store, _clock) = (store, clock);

    public async Task<(User? User, UserRefusal? Refusal)> AdmitAsync(ExternalIdentity identity, CancellationToken cancellationToken)
    {
        var row = await _store.FindByLoginAsync(identity.Issuer, identity.Subject, cancellationToken);
        // A name without @, such as that of the first administrator, is no address that anybody could vouch for.
        if (row is null && identity.VerifiedEmail is { } email && email.Contains('@') && await _store.FindAsync(UserDirectory.Normalize(email), cancellationToken) is { } invited)
        {
            row = await _store.LinkLoginAsync(identity.Issuer, identity.Subject, new UserId(invited.Id), cancellationToken);
        }

        if (row is null && identity.Role is { } granted)
        {
            var signIn = UserDirectory.Normalize(identity.VerifiedEmail ?? $"{identity.Subject}@{new Uri(identity.Issuer).Host}");
            var added = new UserRow
            {
                Id = Guid.CreateVersion7().ToString("N"),
                SignIn = signIn,
                Name = Shown(identity.Name) ?? signIn,
                Role = granted.Word(),
                CreatedAt = _clock.GetUtcNow().ToUnixTimeMilliseconds(),
            };
            if (await _store.AddAsync(added, UsersMax, cancellationToken) != UserConflict.None)
            {
                return (null, new UserRefusal($"A user '{signIn}' cannot be added. Ask an administrator."));
            }

            row = await _store.LinkLoginAsync(identity.Issuer, identity.Subject, new UserId(added.Id), cancellationToken);
        }

        if (row is null)
        {
            return (null, new UserRefusal("Nobody has invited you to this console. Ask an administrator."));
        }

        if (row.IsDisabled)
        {
            return (null, new UserRefusal("Your account is disabled. Ask an administrator."));
        }

        var user = row.ToUser();
        if (identity.Role is { } role && role != user.Role)
        {
            // The last administrator keeps the role whatever the claim says: somebody must be able to mend the settings.
            if (await _store.ChangeAsync(user.Id, role, isDisabled: false, cancellationToken))
            {
                user = user with { Role = role };
            }
        }

        await _store.NoteSignInAsync(user.Id, _clock.GetUtcNow(), cancellationToken);
        return (user, null);
    }

    private static string? Shown(string? name) => string.IsNullOrWhiteSpace(name) ? null : name.Trim() is { Length: > 100 } longer ? longer[..100] : name.Trim();
}
