namespace Signalbox.Events.Health;

/// <summary>Delivery attempts of one registration, and how many of them failed.</summary>
/// <param name="Attempts">HTTP attempts, retries included, challenges not.</param>
/// <param name="Failures">Those that did not end with 2xx.</param>
public readonly record struct AttemptTally(long Attempts, long Failures)
{
    public static AttemptTally operator +(AttemptTally left, AttemptTally right) => left.Plus(right);

    public AttemptTally Plus(AttemptTally other) => new(Attempts + other.Attempts, Failures + other.Failures);
}
