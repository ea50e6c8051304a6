using Signalbox.Identity.Users;

namespace Signalbox.Server.ConsoleAccess;

/// <summary>
/// The first administrator's way into the console: a one-time link, told by the banner (not in a log) and by <c>DIR/console-link</c>
/// (mode 0600) until a password is set.
/// </summary>
internal sealed class ConsoleLink(UserDirectory users, DataDirectory data, ServerAddress address)
{
    public const string LinkFile = "console-link";

    /// <summary>The link of this start; null when the administrator has a password.</summary>
    public Uri? Current { get; private set; }

    /// <summary>Makes a link while one is needed, and removes the file when not.</summary>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (await users.EnsureAdministratorAsync(cancellationToken) is { } link)
        {
            Current = UrlOf(link);
            await data.WritePrivateFileAsync(LinkFile, Current + "\n", cancellationToken);
        }
        else
        {
            File.Delete(Path.Combine(data.FullPath, LinkFile));
        }
    }

    /// <summary>A new link for a user who lost theirs or the password; null when there is no such user, or a disabled one.</summary>
    public async Task<Uri?> IssueAsync(string signIn, CancellationToken cancellationToken) =>
        await users.IssueLinkAsync(signIn, cancellationToken) is { } link ? UrlOf(link) : null;

    private Uri UrlOf(OneTimeLink link) => new(address.Public.ToString().TrimEnd('/') + link.Path);
}
