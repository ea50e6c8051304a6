namespace Signalbox.Events.ClientCertificates;

/// <summary>The certificates that deliveries present to endpoints which ask for one.</summary>
public interface IClientCertificates
{
    /// <summary>Those that are served, the presented one among them.</summary>
    IReadOnlyList<CertificateInfo> List();
}

/// <summary>The public part of a client certificate.</summary>
public sealed record CertificateInfo
{
    public required string Subject { get; init; }

    /// <summary>Hexadecimal, as <c>openssl x509 -serial</c> writes it.</summary>
    public required string Serial { get; init; }

    /// <summary>The SHA-1 fingerprint, hexadecimal.</summary>
    public required string Thumbprint { get; init; }

    public required DateTimeOffset NotAfter { get; init; }

    public required DateTimeOffset PresentedFrom { get; init; }

    public required bool IsPresented { get; init; }

    /// <summary>Another one is presented in its place; it is served until it ends.</summary>
    public bool IsReplaced { get; init; }

    /// <summary>What the operator has to do, and by when; null when nothing.</summary>
    public string? Warning { get; init; }
}
