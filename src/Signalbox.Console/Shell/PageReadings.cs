namespace Signalbox.WebConsole.Shell;

/// <summary>
/// What a page read for its first rendering, kept for the interactive one that follows at once. With it that one is
/// whole in its first frame; a page that reads again is empty meanwhile, which is seen as a blink.
/// </summary>
public sealed class PageReadings
{
    private readonly Dictionary<string, Queue<object?>> _results = new(StringComparer.Ordinal);

    /// <summary>Of the page that was rendered.</summary>
    internal string? Address { get; init; }

    /// <summary>What is kept, in bytes of memory, about.</summary>
    internal long Bytes { get; private set; }

    /// <param name="reading">Names the reading; those of one name are taken in the order in which they were kept.</param>
    /// <param name="result">What it gave.</param>
    /// <param name="bytes">How much memory it takes, about.</param>
    internal void Keep(string reading, object? result, long bytes)
    {
        Bytes += bytes;
        if (!_results.TryGetValue(reading, out var results))
        {
            _results[reading] = results = new();
        }

        results.Enqueue(result);
    }

    /// <summary>False: nothing of this name is left.</summary>
    internal bool TryTake<T>(string reading, out T result)
    {
        if (_results.TryGetValue(reading, out var results) && results.TryDequeue(out var kept))
        {
            result = (T)kept!;
            return true;
        }

        result = default!;
        return false;
    }
}
