namespace Signalbox.Events.ClientCertificates;

/// <summary>The certificate that is presented to endpoints which ask for one (events behaviour, section 7.6).</summary>
public sealed record ClientCertificateOptions
{
    /// <summary>A certificate of the operator's, PEM (with its intermediates) or PFX; null: one of the built-in authority.</summary>
    public string? File { get; init; }

    /// <summary>The private key's PEM file, when it is not in <see cref="File"/>.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Of the PFX, or of the encrypted PEM key.</summary>
    public string? Password { get; init; }

    /// <summary>The subject's common name and DNS name; never changes over the years, so that endpoints can rely on it.</summary>
    public string Name { get; init; } = "signalbox-events";

    /// <summary>How long an issued certificate is valid: 13 months. 1 to 3,650 days.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(396);

    /// <summary>How long before its end the next one is issued. Up to half of <see cref="Lifetime"/>.</summary>
    public TimeSpan ReissueBefore { get; init; } = TimeSpan.FromDays(60);

    /// <summary>How long the next one is served before it is presented, so that endpoints which pin certificates can learn it. Up to <see cref="Lifetime"/>.</summary>
    public TimeSpan PublishAhead { get; init; } = TimeSpan.FromDays(30);
}
