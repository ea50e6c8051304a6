using Signalbox.Identity;

namespace Signalbox.Events.Signing;

/// <summary>Names a payload: the same event for the same client in the same form is always the same bytes.</summary>
internal readonly record struct SignatureName(Guid EventId, ClientId Recipient, bool IsBatch);
