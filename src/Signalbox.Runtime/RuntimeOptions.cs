namespace Signalbox.Runtime;

/// <summary>Which upstream decides where the two differ.</summary>
public enum RuntimeProfile
{
    Adobe,
    OpenWhisk,
}

/// <summary>Settings of the runtime room. Bound from the configuration section <c>Runtime</c>.</summary>
public sealed record RuntimeOptions
{
    public RuntimeProfile Profile { get; init; } = RuntimeProfile.Adobe;

    /// <summary>The URL that actions and clients reach this server by, without a slash at the end.</summary>
    public required Func<Uri> ApiHost { get; init; }

    /// <summary>The only host that the signature validator fetches public keys from.</summary>
    public required Func<Uri> PublicKeyHost { get; init; }
}
