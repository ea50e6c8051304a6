namespace Signalbox.Events.Signing;

/// <summary>One key pair.</summary>
internal sealed record SigningKey
{
    public required Guid Id { get; init; }

    /// <summary>1 or 2.</summary>
    public required int Slot { get; init; }

    /// <summary>PKCS#8 PEM. Never logged.</summary>
    public required string PrivateKey { get; init; }

    /// <summary>SPKI PEM.</summary>
    public required string PublicKey { get; init; }

    /// <summary>Since when it signs.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When another took its slot; null for one in use.</summary>
    public DateTimeOffset? RetiredAt { get; init; }

    /// <summary>The value of <c>x-adobe-public-key1-path</c> or <c>x-adobe-public-key2-path</c>.</summary>
    public string Path => $"/prod/keys/pub-key-{Id:D}.pem";
}
