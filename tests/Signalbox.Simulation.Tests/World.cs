using System.Globalization;

namespace Signalbox.Simulation.Tests;

/// <summary>
/// One thread, one clock and one source of chance for everything that happens in a scenario. What is ready runs in a random
/// order; when nothing is, time moves to the next timer. The seed decides it all, so a seed is a whole run.
/// </summary>
internal sealed class World
{
    private const int StepsMax = 300_000;
    private const int StoryLines = 80;

    private readonly List<(Host Host, Action Run)> _ready = [];
    private readonly PriorityQueue<WorldTimer, (DateTimeOffset At, long Number)> _timers = new();
    private readonly Queue<string> _story = new();
    private long _timersSet;
    private long _steps;

    public World(int seed)
    {
        (Seed, Random) = (seed, new Random(seed));
        Outside = new Host(this, "outside");
    }

    public int Seed { get; }

    public Random Random { get; }

    public DateTimeOffset Now { get; private set; } = DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000);

    /// <summary>Where everything lives that is no server: publishers, endpoints, the database.</summary>
    public Host Outside { get; }

    /// <summary>A number that two runs of one seed must have in common.</summary>
    public long Fingerprint { get; private set; } = 17;

    /// <summary>What happened last, for the report of a failure.</summary>
    public string Story => string.Join('\n', _story);

    /// <summary>The first rule that was broken; the engine may catch the exception itself, as it does with all that an attempt throws.</summary>
    public SimulationFailure? Failure { get; set; }

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public TimeSpan Between(double fromMs, double toMs) => TimeSpan.FromMilliseconds(fromMs + (Random.NextDouble() * (toMs - fromMs)));

    public void Tell(string line)
    {
        foreach (var letter in line)
        {
            Fingerprint = unchecked((Fingerprint * 31) + letter);
        }

        Fingerprint = unchecked((Fingerprint * 31) + Now.Ticks);
        _story.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{(Now - DateTimeOffset.UnixEpoch - TimeSpan.FromDays(20_000)).TotalSeconds,12:F3}  {line}"));
        if (_story.Count > StoryLines)
        {
            _story.Dequeue();
        }
    }

    public void Post(Host host, Action run) => _ready.Add((host, run));

    /// <summary>Runs something outside after a time.</summary>
    public void After(TimeSpan pause, Action run) => SetTimer(Outside, new WorldTimer(run), pause);

    public void SetTimer(Host host, WorldTimer timer, TimeSpan pause)
    {
        timer.Host = host;
        timer.At = Now + (pause > TimeSpan.Zero ? pause : TimeSpan.Zero);
        timer.Number = ++_timersSet;
        _timers.Enqueue(timer, (timer.At, timer.Number));
    }

    /// <summary>Runs until the condition holds; false when time or work ran out before.</summary>
    public bool RunUntil(Func<bool> condition, DateTimeOffset atLatest)
    {
        var before = SynchronizationContext.Current;
        try
        {
            while (!condition())
            {
                if (++_steps > StepsMax)
                {
                    throw new SimulationFailure(this, Rule.Progress, $"{StepsMax} steps were not enough: something runs in circles");
                }

                if (!Step(atLatest))
                {
                    return false;
                }

                if (Failure is { } failure)
                {
                    throw failure;
                }
            }

            return true;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private bool Step(DateTimeOffset atLatest)
    {
        if (_ready.Count > 0)
        {
            var chosen = Random.Next(_ready.Count);
            var (host, run) = _ready[chosen];
            _ready[chosen] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            if (!host.IsDead)
            {
                SynchronizationContext.SetSynchronizationContext(host);
                run();
            }

            return true;
        }

        if (!_timers.TryDequeue(out var timer, out var due))
        {
            return false;
        }

        if (due.At > atLatest)
        {
            _timers.Enqueue(timer, due);
            return false;
        }

        // A timer that was set anew has another number; one that was stopped has none.
        if (timer.Number == due.Number)
        {
            Now = due.At;
            timer.Number = 0;
            Post(timer.Host!, timer.Fire);
        }

        return true;
    }
}
