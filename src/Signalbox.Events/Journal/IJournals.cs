using Signalbox.Events.Registrations;

namespace Signalbox.Events.Journal;

/// <summary>A registration's journal, for looking at it from any place: what its readers get, no more and no less.</summary>
public interface IJournals
{
    Task<JournalView> ReadAsync(Registration registration, JournalPlace place, CancellationToken cancellationToken);
}
