using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;

namespace Signalbox.Identity.Users;

/// <summary>The console's users: inviting them by one-time links, their passwords and roles.</summary>
public sealed class UserDirectory
{
    /// <summary>The user that the first start creates.</summary>
    public const string FirstSignIn = "admin";

    /// <summary>Characters of a password at least.</summary>
    public const int PasswordLengthMin = 12;

    /// <summary>Characters of a password at most, so that hashing one cannot be made dear.</summary>
    public const int PasswordLengthMax = 200;

    private const int UsersMax = 1000;
    private const int SignInLengthMax = 254;
    private const int TokenBytes = 32;

    // What an unknown user's password is compared with, so that the answer takes as long.
    private static readonly string _nobodysHash = new PasswordHasher<User>().HashPassword(null!, RandomNumberGenerator.GetHexString(32));

    private readonly UserStore _store;
    private readonly PasswordHasher<User> _hasher = new();
    private readonly ConsoleOptions _options;
    private readonly TimeProvider _clock;

    internal UserDirectory(UserStore store, ConsoleOptions options, TimeProvider clock)
    {
        options.Validate();
        (_store, _options, _clock) = (store, options, clock);
    }

    public async Task<User?> FindAsync(UserId id, CancellationToken cancellationToken) => (await _store.FindAsync(id, cancellationToken))?.ToUser();

    public async Task<IReadOnlyList<User>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await _store.ListAsync(cancellationToken)).Select(row => row.ToUser())];

    /// <summary>The user whose link this is, or null when it was used, replaced, or has expired.</summary>
    public async Task<User?> FindByLinkAsync(string token, CancellationToken cancellationToken) =>
        (await _store.FindByLinkAsync(Hash(token), _clock.GetUtcNow(), cancellationToken))?.ToUser();

    /// <summary>
    /// Sees to it that there is an administrator. Returns a new link while the first one has no password, else null.
    /// </summary>
    public async Task<OneTimeLink?> EnsureAdministratorAsync(CancellationToken cancellationToken)
    {
        var first = await _store.FindAsync(FirstSignIn, cancellationToken);
        if (first is null)
        {
            if ((await _store.ListAsync(cancellationToken)).Count > 0)
            {
                return null;
            }

            await _store.AddAsync(NewRow(FirstSignIn, "Administrator", UserRole.SystemAdministrator), UsersMax, cancellationToken);
            first = await _store.FindAsync(FirstSignIn, cancellationToken);
        }

        return first is { PasswordHash: null, IsDisabled: false } ? await IssueLinkAsync(new UserId(first.Id), cancellationToken) : null;
    }

    /// <summary>A link for a user who lost the password; null for an unknown or disabled one.</summary>
    public async Task<OneTimeLink?> IssueLinkAsync(string signIn, CancellationToken cancellationToken) =>
        await _store.FindAsync(Normalize(signIn), cancellationToken) is { IsDisabled: false } user
            ? await IssueLinkAsync(new UserId(user.Id), cancellationToken)
            : null;

    /// <summary>A link that sets the user's password; the one before is no longer good.</summary>
    public async Task<OneTimeLink> IssueLinkAsync(UserId id, CancellationToken cancellationToken)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        var link = new OneTimeLink(token, _clock.GetUtcNow() + _options.LinkLifetime);
        await _store.WriteLinkAsync(id, Hash(token), link.ExpiresAt, cancellationToken);
        return link;
    }

    /// <summary>Adds a user without a password. Give them a link.</summary>
    public async Task<(User? Added, UserRefusal? Refusal)> InviteAsync(string signIn, string name, UserRole role, CancellationToken cancellationToken)
    {
        var normalized = Normalize(signIn);
        if (normalized.Length is 0 or > SignInLengthMax || normalized.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            return (null, new UserRefusal($"'{signIn}' cannot be used to sign in. Give an e-mail address or a name without spaces, of 1 to {SignInLengthMax} characters."));
        }

        if (name.Trim().Length > 100)
        {
            return (null, new UserRefusal("The name is longer than 100 characters. Give a shorter one."));
        }

        var row = NewRow(normalized, name.Trim().Length == 0 ? normalized : name.Trim(), role);
        return await _store.AddAsync(row, UsersMax, cancellationToken) switch
        {
            UserConflict.SignInTaken => (null, new UserRefusal($"There is a user '{normalized}' already. Give them a new link instead.")),
            UserConflict.Full => (null, new UserRefusal($"There are {UsersMax} users, which is the most.")),
            _ => (row.ToUser(), null),
        };
    }

    /// <summary>Changes a user's role, or disables the user, whose sessions end then.</summary>
    public async Task<UserRefusal?> ChangeAsync(UserId id, UserRole role, bool isDisabled, CancellationToken cancellationToken) =>
        await _store.ChangeAsync(id, role, isDisabled, cancellationToken)
            ? null
            : new UserRefusal("Nobody would be left who may administer this server. Make another user System Administrator first.");

    /// <summary>The user with that sign-in and password, or null. Takes as long for an unknown user as for a wrong password.</summary>
    public async Task<User?> AuthenticateAsync(string signIn, string password, CancellationToken cancellationToken)
    {
        if (signIn.Length > SignInLengthMax || password.Length > PasswordLengthMax)
        {
            return null;
        }

        var row = await _store.FindAsync(Normalize(signIn), cancellationToken);
        var verdict = _hasher.VerifyHashedPassword(null!, row?.PasswordHash ?? _nobodysHash, password);
        if (verdict == PasswordVerificationResult.Failed || row is not { PasswordHash: not null, IsDisabled: false })
        {
            return null;
        }

        var id = new UserId(row.Id);
        if (verdict == PasswordVerificationResult.SuccessRehashNeeded)
        {
            await _store.SetPasswordAsync(id, _hasher.HashPassword(null!, password), cancellationToken);
        }

        await _store.NoteSignInAsync(id, _clock.GetUtcNow(), cancellationToken);
        return row.ToUser();
    }

    /// <summary>Uses a link up: sets the password, ends the user's sessions, and counts as signing in.</summary>
    public async Task<(User? User, UserRefusal? Refusal)> RedeemAsync(string token, string password, CancellationToken cancellationToken)
    {
        if (CheckPassword(password) is { } refusal)
        {
            return (null, refusal);
        }

        var id = await _store.RedeemAsync(Hash(token), _hasher.HashPassword(null!, password), _clock.GetUtcNow(), cancellationToken);
        if (id is null)
        {
            return (null, new UserRefusal("This link was used already or has expired. Ask for a new one."));
        }

        // Whoever sets a password by a link is signed in with it.
        await _store.NoteSignInAsync(new UserId(id), _clock.GetUtcNow(), cancellationToken);
        return (await FindAsync(new UserId(id), cancellationToken), null);
    }

    /// <summary>Changes the user's own password.</summary>
    public async Task<UserRefusal?> ChangePasswordAsync(User user, string current, string next, CancellationToken cancellationToken)
    {
        if (await AuthenticateAsync(user.SignIn, current, cancellationToken) is null)
        {
            return new UserRefusal("The current password is another one.");
        }

        if (CheckPassword(next) is { } refusal)
        {
            return refusal;
        }

        await _store.SetPasswordAsync(user.Id, _hasher.HashPassword(null!, next), cancellationToken);
        return null;
    }

    internal static string Normalize(string signIn) => signIn.Trim().ToLowerInvariant();

    internal static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static UserRefusal? CheckPassword(string password) =>
        password.Length is >= PasswordLengthMin and <= PasswordLengthMax
            ? null
            : new UserRefusal($"The password has {password.Length} characters. Choose one of {PasswordLengthMin} to {PasswordLengthMax}.");

    private UserRow NewRow(string signIn, string name, UserRole role) => new()
    {
        Id = Guid.CreateVersion7().ToString("N"),
        SignIn = signIn,
        Name = name,
        Role = role.Word(),
        CreatedAt = _clock.GetUtcNow().ToUnixTimeMilliseconds(),
    };
}
