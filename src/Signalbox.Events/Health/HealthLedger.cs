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

    /// <summary>Counts an attempt, unless it was made before the registration's count was started anew. Returns what the window now holds.</summary>
    public AttemptTally Add(Registration registration, bool isSuccess, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (WindowOf(registration) is not { } window)
            {
                return default;
            }

            window.Add(at, new AttemptTally(1, isSuccess ? 0 : 1));
            _unsaved.Add(registration.Key);
            return window.Sum(at, thresholds.Window);
        }
    }

    /// <summary>The attempts since <see cref="Registration.MeasuredSince"/>.</summary>
    public AttemptTally Find(Registration registration, DateTimeOffset now)
    {
        lock (_gate)
        {
            return _windows.TryGetValue(registration.Key, out var window) && window.Since == registration.MeasuredSince
                ? window.Sum(now, thresholds.Window)
                : default;
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
            WindowOf(registration)?.Restore(step, tally);
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

    /// <summary>Takes back what could not be saved, for the next time.</summary>
    public void PutBack(IReadOnlyList<AttemptCount> taken)
    {
        lock (_gate)
        {
            foreach (var count in taken)
            {
                if (_windows.TryGetValue(count.RegistrationKey, out var window) && window.Since == count.Since && window.PutBack(count.Step, count.Tally))
                {
                    _unsaved.Add(count.RegistrationKey);
                }
            }
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

    /// <summary>
    /// Null when the count has been started anew since the registration was as given. Nobody needs to have told that: after
    /// a commit in doubt, the first attempt of the registration as it was read again replaces the window.
    /// </summary>
    private AttemptWindow? WindowOf(Registration registration)
    {
        if (_windows.TryGetValue(registration.Key, out var window) && window.Since >= registration.MeasuredSince)
        {
            return window.Since == registration.MeasuredSince ? window : null;
        }

        _unsaved.Remove(registration.Key);
        return _windows[registration.Key] = new AttemptWindow(registration.MeasuredSince);
    }
}
