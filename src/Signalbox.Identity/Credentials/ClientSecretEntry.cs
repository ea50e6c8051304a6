namespace Signalbox.Identity.Credentials;

/// <summary>A client secret without the secret.</summary>
/// <param name="Number">Its number within the credential; the highest is the newest.</param>
/// <param name="LastCharacters">Its last four characters, so that people can tell which one they hold.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record ClientSecretEntry(int Number, string LastCharacters, DateTimeOffset CreatedAt);
