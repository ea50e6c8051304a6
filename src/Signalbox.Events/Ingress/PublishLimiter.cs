using System.Collections.Concurrent;

namespace Signalbox.Events.Ingress;

/// <summary>
/// Counts each API key's publishes in windows of fixed length (events behaviour, section 6). Only authenticated keys
/// get here, so the map is as large as the list of credentials at most.
/// </summary>
internal sealed class PublishLimiter(EventsOptions options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);

    /// <summary>Counts one publish.</summary>
    /// <returns>0 when it may pass, else the seconds until the next one may.</returns>
    public int SecondsToWait(string apiKey)
    {
        var window = _windows.GetOrAdd(apiKey, static _ => new Window());
        return window.SecondsToWait(clock.GetTimestamp(), clock.TimestampFrequency, options);
    }

    private sealed class Window
    {
        private readonly Lock _lock = new();
        private long _startedAt = long.MinValue;
        private int _count;

        public int SecondsToWait(long now, long frequency, EventsOptions options)
        {
            var length = (long)(options.PublishWindow.TotalSeconds * frequency);
            lock (_lock)
            {
                if (_startedAt == long.MinValue || now - _startedAt >= length)
                {
                    _startedAt = now;
                    _count = 0;
                }

                if (_count < options.PublishesPerWindowMax)
                {
                    _count++;
                    return 0;
                }

                var left = (double)(length - (now - _startedAt)) / frequency;
                return Math.Max(1, (int)Math.Ceiling(left));
            }
        }
    }
}
