namespace Signalbox.Events.ClientCertificates;

/// <summary>The certificates that deliveries present to endpoints which ask for one.</summary>
public interface IClientCertificates
{
    /// <summary>Those that are served, the presented one among them.</summary>
    IReadOnlyList<CertificateInfo> List();
}

/// <summary>The public part of a client certificate.</summary>
public sealed record CertificateInfo(string Subject, string Thumbprint, DateTimeOffset NotAfter, DateTimeOffset PresentedFrom, bool IsPresented);
