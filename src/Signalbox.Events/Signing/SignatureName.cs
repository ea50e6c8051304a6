using Signalbox.Identity;

namespace Signalbox.Events.Signing;

/// <summary>Names a payload: the same name always stands for the same bytes.</summary>
/// <param name="PayloadId">The event's id; for a batch of several, made of its bytes.</param>
/// <param name="Recipient">The client that the payload is for.</param>
/// <param name="IsBatch">It is an array.</param>
internal readonly record struct SignatureName(Guid PayloadId, ClientId Recipient, bool IsBatch);
