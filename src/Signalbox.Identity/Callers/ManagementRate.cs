namespace Signalbox.Identity.Callers;

/// <summary>
/// Counts each API key's calls of the management APIs in windows of fixed length. Bounded: at most <see cref="KeysMax"/>
/// keys are counted; beyond it the windows that have ended are forgotten first, then all.
/// </summary>
internal sealed class ManagementRate(IdentityOptions options, TimeProvider clock)
{
    internal const int KeysMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<ClientId, Window> _windows = [];

    /// <summary>Keys that are counted now.</summary>
    internal int Keys => _windows.Count;

    /// <summary>Counts one call. Null when it may pass, else the 429 that says how long to wait.</summary>
    public ApiErrorResult? Count(ClientId apiKey)
    {
        var now = clock.GetUtcNow();
        TimeSpan left;
        lock (_gate)
        {
            if (!_windows.TryGetValue(apiKey, out var window) || window.EndsAt <= now)
            {
                MakeRoom(now);
                _windows[apiKey] = new Window(now + options.RequestWindow, 1);
                return null;
            }

            if (window.Calls < options.RequestsPerWindowMax)
            {
                _windows[apiKey] = window with { Calls = window.Calls + 1 };
                return null;
            }

            left = window.EndsAt - now;
        }

        var seconds = Math.Max(1, (int)Math.Ceiling(left.TotalSeconds));
        return ApiErrors.TooManyRequests(
            $"The API key has called {options.RequestsPerWindowMax} times within {options.RequestWindow.TotalSeconds} s. Wait {seconds} s, or have the operator raise Identity:RequestsPerWindowMax.",
            seconds);
    }

    private void MakeRoom(DateTimeOffset now)
    {
        if (_windows.Count < KeysMax)
        {
            return;
        }

        foreach (var (key, window) in _windows)
        {
            if (window.EndsAt <= now)
            {
                _windows.Remove(key);
            }
        }

        if (_windows.Count >= KeysMax)
        {
            _windows.Clear();
        }
    }

    private readonly record struct Window(DateTimeOffset EndsAt, int Calls);
}
