using Signalbox.Events.Registrations;

namespace Signalbox.Events.Health;

/// <summary>
/// The attempts of all registrations that had some within the window. Bounded by the number of registrations and of
/// steps in the window. What is added is saved by <see cref="HealthMonitor"/>.
/// </summary>
internal sealed class HealthLedger(HealthThresholds thresholds)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, AttemptWindow> _windows = [];
    private readonly HashSet<long> _unsaved = [];

    /// <summary>Counts an attempt. Returns what the window now holds.</summary>
    public AttemptTally Add(Registration registration, bool isSuccess, DateTimeOffset at)
    {
        lock (_gate)
        {
            var window = WindowOf(registration.Key, registration.MeasuredSince);
            window.Add(at, new AttemptTally(1, isSuccess ? 0 : 1));
            _unsaved.Add(registration.Key);
            return window.Sum(at, thresholds.Window);
        }
    }

    public AttemptTally Find(long registrationKey, DateTimeOffset now)
    {
        lock (_gate)
        {
            return _windows.TryGetValue(registrationKey, out var window) ? window.Sum(now, thresholds.Window) : default;
        }
    }

    /// <summary>Starts a registration's count anew.</summary>
    public void Restart(long registrationKey, DateTimeOffset since)
    {
        lock (_gate)
        {
            _windows[registrationKey] = new AttemptWindow(since);
            _unsaved.Remove(registrationKey);
        }
    }

    public void Restore(Registration registration, long step, AttemptTally tally)
    {
        lock (_gate)
        {
            WindowOf(registration.Key, registration.MeasuredSince).Restore(step, tally);
        }
    }

    /// <summary>Hands over what is not saved.</summary>
    public IReadOnlyList<AttemptCount> TakeUnsaved()
    {
        lock (_gate)
        {
            var taken = new List<AttemptCount>();
            foreach (var key in _unsaved)
            {
                var window = _windows[key];
                taken.AddRange(window.TakeUnsaved().Select(u => new AttemptCount(key, window.Since, u.Step, u.Tally)));
            }

            _unsaved.Clear();
            return taken;
        }
    }

    /// <summary>The registrations that have attempts in their window; those that have none any more are forgotten.</summary>
    public IReadOnlyList<long> Sweep(DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach (var (key, window) in _windows)
            {
                window.Sum(now, thresholds.Window);
                if (window.IsEmpty && !_unsaved.Contains(key))
                {
                    _windows.Remove(key);
                }
            }

            return [.. _windows.Keys];
        }
    }

    private AttemptWindow WindowOf(long registrationKey, DateTimeOffset since)
    {
        if (!_windows.TryGetValue(registrationKey, out var window))
        {
            window = new AttemptWindow(since);
            _windows.Add(registrationKey, window);
        }

        return window;
    }
}
