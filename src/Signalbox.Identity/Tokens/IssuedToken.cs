namespace Signalbox.Identity.Tokens;

/// <summary>A fresh access token.</summary>
/// <param name="AccessToken">The signed JWT. Never logged.</param>
/// <param name="Lifetime">How long it is good for, in whole seconds.</param>
/// <param name="ExpiresAt">The first moment at which it is refused.</param>
public sealed record IssuedToken(string AccessToken, TimeSpan Lifetime, DateTimeOffset ExpiresAt);
