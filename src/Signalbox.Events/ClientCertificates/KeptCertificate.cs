namespace Signalbox.Events.ClientCertificates;

/// <summary>A certificate with its private key.</summary>
internal sealed record KeptCertificate
{
    public required Guid Id { get; init; }

    /// <summary>It signs the others; endpoints trust it.</summary>
    public required bool IsAuthority { get; init; }

    public required string Certificate { get; init; }

    /// <summary>PKCS#8 PEM. Never logged, never served.</summary>
    public required string PrivateKey { get; init; }

    /// <summary>From when on it is presented; served from the start.</summary>
    public required DateTimeOffset PresentedFrom { get; init; }

    public required DateTimeOffset NotAfter { get; init; }
}
