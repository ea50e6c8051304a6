namespace Signalbox.Events.Journal;

/// <summary>One answer of a journal.</summary>
/// <param name="Position">The last event's sequence, or the place where the reader stands when there is none.</param>
/// <param name="Body">The JSON; null when there is nothing newer.</param>
internal sealed record JournalPage(long Position, JournalPageBuffer? Body);
