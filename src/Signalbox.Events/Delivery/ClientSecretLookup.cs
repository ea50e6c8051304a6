using Signalbox.Identity;

namespace Signalbox.Events.Delivery;

/// <summary>The newest secret of a client, the key of <c>x-adobe-signature</c>; null for an unknown client.</summary>
internal delegate ValueTask<string?> ClientSecretLookup(ClientId clientId, CancellationToken cancellationToken);
