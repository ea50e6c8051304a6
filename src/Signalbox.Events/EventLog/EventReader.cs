using System.Globalization;
using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.EventLog;

/// <inheritdoc/>
internal sealed class EventReader(Database database) : IEventReader
{
    private const int SequencesMax = 1_000;

    public async Task<IReadOnlyList<AcceptedEvent>> ReadAsync(IReadOnlyCollection<long> sequences, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequences.Count, SequencesMax);
        if (sequences.Count == 0)
        {
            return [];
        }

        // Numbers need no parameters; Dapper's list expansion differs between the two databases.
        var list = string.Join(',', sequences.Select(s => s.ToString(CultureInfo.InvariantCulture)));
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<EventRow>(new CommandDefinition(
            $"SELECT {EventRow.Columns} FROM events e WHERE e.event_seq IN ({list}) ORDER BY e.event_seq", cancellationToken: cancellationToken));
        return [.. rows.Select(r => r.ToEvent())];
    }
}
