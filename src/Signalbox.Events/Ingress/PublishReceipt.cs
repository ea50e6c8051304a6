namespace Signalbox.Events.Ingress;

/// <summary>What became of a published event.</summary>
/// <param name="EventId">The service's id of it; null when nobody gets it, so that nothing was stored.</param>
/// <param name="Interested">Registrations with an interest in it.</param>
/// <param name="Recipients">Those of them whose filters it satisfies.</param>
public sealed record PublishReceipt(Guid? EventId, int Interested, int Recipients);
