using System.Buffers;
using System.Text.Json;
using Signalbox.Events.Edge;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Journal;

/// <summary>Answers journal requests (events behaviour, section 12).</summary>
internal sealed class JournalReader(JournalStore store, EventsOptions options, TimeProvider clock)
{
    /// <summary>Rows that one query fetches: large enough to be cheap, small enough to stay below the page's bytes mostly.</summary>
    private const int ChunkRows = 128;

    /// <summary>The page that the query asks for; its body is null when there is nothing newer.</summary>
    public async Task<Outcome<JournalPage>> ReadAsync(Registration registration, JournalQuery query, CancellationToken cancellationToken)
    {
        // An event is readable for less than the retention: at exactly that age it is gone.
        var cutoff = clock.GetUtcNow() - options.JournalRetention;
        await using var connection = await store.OpenAsync(cancellationToken);
        long since = 0;
        // Where a reader stands who finds nothing. It is looked up before the page is read: what is committed between the
        // two would otherwise stand behind the reader, unseen.
        long standing;
        if (query.Since is { } given)
        {
            if (await JournalStore.HasExpiredAfterAsync(connection, registration.Key, given, cutoff, cancellationToken))
            {
                return ApiRefusal.Gone($"Events at position {query.SinceText} have expired.");
            }

            since = standing = given;
        }
        else
        {
            standing = await JournalStore.FindEndAsync(connection, registration.Key, cancellationToken);
            if (query.IsLatest)
            {
                return new JournalPage(standing, null);
            }

            if (query.Seek is { } back && back < options.JournalRetention)
            {
                since = await JournalStore.FindBeforeAsync(connection, clock.GetUtcNow() - back, cancellationToken) ?? standing;
            }
        }

        var limit = query.Limit ?? options.JournalPageEvents;
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        var last = await WriteAsync(buffer, registration, since, limit, (after, count) =>
            JournalStore.ReadAsync(connection, registration.Key, after, cutoff, count, cancellationToken));
        return last is { } position
            ? new JournalPage(position, buffer.WrittenMemory)
            : new JournalPage(standing, null);
    }

    /// <summary>How many events stand after the position.</summary>
    public async Task<long> CountAsync(Registration registration, long since, CancellationToken cancellationToken)
    {
        await using var connection = await store.OpenAsync(cancellationToken);
        return await JournalStore.CountAsync(
            connection, registration.Key, since, clock.GetUtcNow() - options.JournalRetention, cancellationToken);
    }

    /// <summary>Writes the body up to the limits. Returns the last event's sequence; null when there was no event.</summary>
    private async Task<long?> WriteAsync(
        ArrayBufferWriter<byte> buffer, Registration registration, long since, int limit,
        Func<long, int, Task<IReadOnlyList<AcceptedEvent>>> read)
    {
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteStartArray("events"u8);
        long? last = null;
        var count = 0;
        var isFull = false;
        while (!isFull && count < limit)
        {
            var wanted = Math.Min(ChunkRows, limit - count);
            var chunk = await read(last ?? since, wanted);
            foreach (var accepted in chunk)
            {
                var payload = DeliveredPayload.Compose(accepted, registration.ClientId);
                if (count > 0 && BytesWith(writer, payload.Length) > options.JournalPageBytesMax)
                {
                    isFull = true;
                    break;
                }

                WriteItem(writer, registration.Id, accepted.Sequence, payload.Span);
                last = accepted.Sequence;
                count++;
            }

            isFull |= chunk.Count < wanted;
        }

        writer.WriteEndArray();
        writer.WriteStartObject("_page"u8);
        writer.WriteString("last"u8, JournalPosition.Format(registration.Id, last ?? since));
        writer.WriteNumber("count"u8, count);
        writer.WriteEndObject();
        writer.WriteEndObject();
        return last;
    }

    private static void WriteItem(Utf8JsonWriter writer, RegistrationId registration, long sequence, ReadOnlySpan<byte> payload)
    {
        writer.WriteStartObject();
        writer.WriteString("position"u8, JournalPosition.Format(registration, sequence));
        writer.WritePropertyName("event"u8);
        writer.WriteRawValue(payload, skipInputValidation: true);
        writer.WriteEndObject();
    }

    /// <summary>The body's size with one more event and everything that closes it.</summary>
    private static long BytesWith(Utf8JsonWriter writer, int payloadBytes) =>
        writer.BytesCommitted + writer.BytesPending + payloadBytes + (2 * JournalPosition.Length) + 96;
}

/// <summary>One answer of a journal.</summary>
/// <param name="Position">The last event's sequence, or the place where the reader stands when there is none.</param>
/// <param name="Body">The JSON; null when there is nothing newer.</param>
internal sealed record JournalPage(long Position, ReadOnlyMemory<byte>? Body);
