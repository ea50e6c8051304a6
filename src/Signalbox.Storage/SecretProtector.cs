using Microsoft.AspNetCore.DataProtection;

namespace Signalbox.Storage;

/// <summary>
/// Encrypts what must not be readable in the database: signing keys, client secrets, default parameters, namespace
/// keys. The key ring lies in the data directory (<c>keys/</c>), apart from the database, so that a copy of the
/// database alone tells nothing.
/// </summary>
public sealed class SecretProtector(IDataProtectionProvider provider)
{
    /// <summary>Encrypts a text for one purpose; the result is URL-safe text.</summary>
    /// <param name="purpose">What it is, such as <c>identity.client-secret</c>: another purpose cannot decrypt it.</param>
    /// <param name="plaintext">The secret.</param>
    public string Protect(string purpose, string plaintext) =>
        provider.CreateProtector("Signalbox", purpose).Protect(plaintext);

    /// <summary>Decrypts what <see cref="Protect"/> returned.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">
    /// Another purpose, an altered text, or a key ring that lacks the key.
    /// </exception>
    public string Unprotect(string purpose, string protectedText) =>
        provider.CreateProtector("Signalbox", purpose).Unprotect(protectedText);
}
