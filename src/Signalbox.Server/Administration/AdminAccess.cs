using System.Security.Cryptography;
using System.Text;

namespace Signalbox.Server.Administration;

/// <summary>
/// Who may administer this server: whoever can read <c>DIR/admin-token</c> (mode 0600). The command line finds the
/// running server by <c>DIR/admin-url</c>.
/// </summary>
internal sealed class AdminAccess(DataDirectory data)
{
    public const string TokenFile = "admin-token";

    public const string UrlFile = "admin-url";

    private const string Scheme = "Bearer ";

    private byte[]? _tokenHash;

    /// <summary>Reads the token, or makes it at the first start. Delete the file and start again to change it.</summary>
    public async Task EnsureTokenAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(data.FullPath, TokenFile);
        var token = File.Exists(path) ? (await File.ReadAllTextAsync(path, cancellationToken)).Trim() : "";
        if (token.Length == 0)
        {
            token = RandomNumberGenerator.GetHexString(64, lowercase: true);
            await data.WritePrivateFileAsync(TokenFile, token + "\n", cancellationToken);
        }

        _tokenHash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
    }

    /// <summary>Tells the command line where the server listens.</summary>
    public Task TellUrlAsync(Uri url, CancellationToken cancellationToken) =>
        data.WritePrivateFileAsync(UrlFile, url.GetLeftPart(UriPartial.Authority) + "\n", cancellationToken);

    /// <summary>Whether a request carries the token, as <c>Authorization: Bearer</c>.</summary>
    public bool Admits(HttpRequest request) =>
        _tokenHash is { } expected
        && request.Headers.Authorization is [{ } authorization]
        && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim())), expected);
}
