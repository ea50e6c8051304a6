namespace Signalbox.Events.Delivery;

/// <summary>What the table owes at a time.</summary>
/// <param name="Registrations">Those that have rows due, claimed ones included.</param>
/// <param name="Next">When the next row falls due that is not due yet; null when there is none.</param>
internal sealed record DueOverview(IReadOnlyList<long> Registrations, DateTimeOffset? Next);
