namespace Signalbox.Simulation.Tests;

/// <summary>How an endpoint behaves until the scenario calms down; then every one is well.</summary>
internal enum Temper
{
    /// <summary>Always well and quick.</summary>
    Steady,

    /// <summary>Fails now and then, in any way.</summary>
    Flaky,

    /// <summary>Never answers, or is not reached.</summary>
    Dead,

    /// <summary>Asks for pauses.</summary>
    Overloaded,

    /// <summary>Answers slowly, sometimes too slowly.</summary>
    Slow,

    /// <summary>Refuses some events for good.</summary>
    Picky,
}

/// <summary>What an endpoint answers, after what time, and the pause it asks for.</summary>
internal readonly record struct Reply(int Code, TimeSpan After, TimeSpan? Pause);

/// <summary>The customer's side.</summary>
internal sealed class Endpoint(World world, Temper temper)
{
    private static readonly int[] _failures = [429, 500, 502, 503, 504, 601, 602, 611];

    private static readonly int[] _refusals = [400, 404, 410, 301, 505];

    public Temper Temper { get; } = temper;

    public bool IsWell { get; set; }

    /// <summary>Decides over one request.</summary>
    public Reply Answer() => IsWell ? Ok(1, 40) : Temper switch
    {
        Temper.Steady => Ok(1, 40),
        Temper.Flaky => world.Chance(0.5) ? Ok(1, 400) : new Reply(OneOf(_failures), world.Between(1, 400), null),
        Temper.Dead => world.Chance(0.5) ? new Reply(602, world.Between(1, 3_000), null) : new Reply(604, TimeSpan.FromSeconds(10), null),
        Temper.Overloaded => world.Chance(0.3)
            ? Ok(1, 100)
            : new Reply(world.Chance(0.5) ? 429 : 503, world.Between(1, 100), world.Between(500, 1_800_000)),
        Temper.Slow => world.Between(100, 14_000) is var slow && slow >= TimeSpan.FromSeconds(10)
            ? new Reply(604, TimeSpan.FromSeconds(10), null)
            : new Reply(200, slow, null),
        _ => world.Chance(0.4) ? new Reply(OneOf(_refusals), world.Between(1, 100), null) : Ok(1, 100),
    };

    private Reply Ok(double fromMs, double toMs) => new(200, world.Between(fromMs, toMs), null);

    private int OneOf(int[] codes) => codes[world.Random.Next(codes.Length)];
}
