using System.Data.Common;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Journal;

/// <summary>Answers journal requests (events behaviour, section 12).</summary>
internal sealed class JournalReader(JournalStore store, EventsOptions options, TimeProvider clock)
{
    /// <summary>Rows of the first query of a page, when nobody knows yet how large they are.</summary>
    private const int FirstRows = 16;

    /// <summary>Rows of any other query.</summary>
    private const int RowsMax = 4_096;

    /// <summary>The page that the query asks for; it has no body when there is nothing newer. The caller disposes it.</summary>
    public async Task<Outcome<JournalPage>> ReadAsync(Registration registration, JournalQuery query, CancellationToken cancellationToken)
    {
        // An event is readable for less than the retention: at exactly that age it is gone.
        var cutoff = clock.GetUtcNow() - options.JournalRetention;
        await using var connection = await store.OpenAsync(cancellationToken);
        long since;
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

            // Events of exactly the sought age are in; times are kept in milliseconds.
            var until = query.Seek is { } back && back < options.JournalRetention
                ? clock.GetUtcNow() - back - TimeSpan.FromMilliseconds(1)
                : cutoff;
            since = await JournalStore.FindLastAsync(connection, until, cancellationToken);
        }

        var limit = query.Limit ?? options.JournalPageEvents;
        var page = new JournalPageBuffer(registration, limit, options.JournalPageBytesMax);
        try
        {
            await FillAsync(page, connection, registration.Key, since, limit, cancellationToken);
        }
        catch
        {
            page.Dispose();
            throw;
        }

        if (page.Last is { } last)
        {
            page.Close();
            return new JournalPage(last, page);
        }

        page.Dispose();
        return new JournalPage(standing, null);
    }

    /// <summary>How many events stand after the position.</summary>
    public async Task<long> CountAsync(Registration registration, long since, CancellationToken cancellationToken)
    {
        await using var connection = await store.OpenAsync(cancellationToken);
        return await JournalStore.CountAsync(
            connection, registration.Key, since, clock.GetUtcNow() - options.JournalRetention, cancellationToken);
    }

    /// <summary>
    /// Reads in a few queries, each of about as many rows as the page has room for, so that a page of large events does
    /// not fetch many more of them than it takes.
    /// </summary>
    private async Task FillAsync(
        JournalPageBuffer page, DbConnection connection, long registrationKey, long since, int limit, CancellationToken cancellationToken)
    {
        var rows = Math.Min(FirstRows, limit);
        while (!page.IsFull)
        {
            if (await JournalStore.ReadAsync(connection, registrationKey, page.Last ?? since, rows, page, cancellationToken) < rows)
            {
                return;
            }

            var room = Math.Max(0, options.JournalPageBytesMax - page.Length) / Math.Max(1, page.Length / page.Count);
            rows = Math.Clamp(Math.Min(room + (room / 8) + 1, limit - page.Count), 1, RowsMax);
        }
    }
}
