using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events;

/// <summary>
/// Keys of a table in the order of time, unique among nodes: milliseconds, then 20 random bits; always rising within the
/// process, and beyond it when it begins with <see cref="ContinueAsync"/>.
/// </summary>
internal sealed class TimeOrderedKeys(TimeProvider clock, string table, string column)
{
    private const int RandomBits = 20;

    private long _last;

    /// <summary>No key of that time or later is smaller. Times before 1970 are that year's first, those after 2248 the last that there is.</summary>
    public static long FirstOf(DateTimeOffset at) =>
        Math.Clamp(at.ToUnixTimeMilliseconds(), 0, long.MaxValue >> RandomBits) << RandomBits;

    /// <summary>
    /// Goes on behind the largest key of the table, for a start before which the clock was set back. Whoever walks by key
    /// would otherwise meet what it has just added, or not see it as the newest.
    /// </summary>
    public async Task ContinueAsync(Database database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var largest = await connection.QuerySingleAsync<long?>(new CommandDefinition(
            $"SELECT MAX({column}) FROM {table}", cancellationToken: cancellationToken));
        Rise(largest ?? 0, 0);
    }

    public long Next() => Rise(FirstOf(clock.GetUtcNow()) | (uint)Random.Shared.Next(1 << RandomBits), 1);

    /// <summary>The last key becomes the fresh one, or what is a step behind it when that is larger.</summary>
    private long Rise(long fresh, int step)
    {
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(fresh, last + step);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return next;
            }
        }
    }
}
