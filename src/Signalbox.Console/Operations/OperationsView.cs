using Signalbox.Events.ClientCertificates;
using Signalbox.Events.Delivery;
using Signalbox.Events.Signing;

namespace Signalbox.WebConsole.Operations;

/// <summary>What the operations page shows.</summary>
public sealed record OperationsView(ServerReport Report, DeliveryLoad Load, IReadOnlyList<SigningKeyInfo> Keys, IReadOnlyList<CertificateInfo> Certificates);
