namespace Signalbox.Events.Delivery;

/// <summary>A place among the due rows of a registration, which stand in the order of their time and then of their events.</summary>
/// <param name="NextAttemptAt">When the row fell due.</param>
/// <param name="EventSequence">Its event.</param>
internal readonly record struct DuePlace(DateTimeOffset NextAttemptAt, long EventSequence);
