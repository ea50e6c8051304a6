namespace Signalbox.Identity.Tokens;

/// <summary>
/// Slows the guessing of client secrets: a client id with too many failures within a window is refused unread until
/// the window ends. Bounded: at most <see cref="ClientsMax"/> client ids are counted; beyond it the windows that
/// have ended are forgotten first, then all.
/// </summary>
internal sealed class ClientFailures(IdentityOptions options, TimeProvider clock)
{
    internal const int ClientsMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Window> _windows = new(StringComparer.Ordinal);

    /// <summary>How long the client id must wait; zero when it may try.</summary>
    public TimeSpan Wait(string clientId)
    {
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            return _windows.TryGetValue(clientId, out var window) && window.Failures >= options.FailuresMax && window.EndsAt > now
                ? window.EndsAt - now
                : TimeSpan.Zero;
        }
    }

    public void Count(string clientId)
    {
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            if (_windows.TryGetValue(clientId, out var window) && window.EndsAt > now)
            {
                _windows[clientId] = window with { Failures = window.Failures + 1 };
                return;
            }

            MakeRoom(now);
            _windows[clientId] = new Window(now + options.FailureWindow, 1);
        }
    }

    private void MakeRoom(DateTimeOffset now)
    {
        if (_windows.Count < ClientsMax)
        {
            return;
        }

        foreach (var (clientId, window) in _windows)
        {
            if (window.EndsAt <= now)
            {
                _windows.Remove(clientId);
            }
        }

        if (_windows.Count >= ClientsMax)
        {
            _windows.Clear();
        }
    }

    private readonly record struct Window(DateTimeOffset EndsAt, int Failures);
}
