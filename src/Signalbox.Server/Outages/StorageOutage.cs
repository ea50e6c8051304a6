namespace Signalbox.Server.Outages;

/// <summary>
/// A storage that takes nothing, such as a full disk or a database that is away: since when, why, and how much has met it.
/// All who ask meet the same, so the log tells of it once, and not by each of them.
/// </summary>
internal sealed class StorageOutage(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private DateTimeOffset? _since;
    private string _reason = "";
    private int _requests;
    private int _others;
    private int _requestsBefore;

    /// <summary>Counts what was refused; true when the outage begins with it.</summary>
    public bool Meet(string reason, bool isRequest)
    {
        lock (_lock)
        {
            var begins = _since is null;
            _since ??= clock.GetUtcNow();
            _reason = reason;
            (_requests, _others) = isRequest ? (_requests + 1, _others) : (_requests, _others + 1);
            return begins;
        }
    }

    /// <summary>What was refused since it was asked last; null when the storage works.</summary>
    public Tally? Take()
    {
        lock (_lock)
        {
            if (_since is not { } since)
            {
                return null;
            }

            var tally = new Tally(clock.GetUtcNow() - since, _requests, _others, _requestsBefore + _requests, _reason);
            (_requests, _others, _requestsBefore) = (0, 0, tally.RequestsInAll);
            return tally;
        }
    }

    /// <summary>The storage works again; null when it was refused something meanwhile.</summary>
    public Tally? End()
    {
        lock (_lock)
        {
            if (_since is not { } since || _requests + _others > 0)
            {
                return null;
            }

            var tally = new Tally(clock.GetUtcNow() - since, 0, 0, _requestsBefore, _reason);
            (_since, _requestsBefore) = (null, 0);
            return tally;
        }
    }

    /// <param name="Lasts">Since the first refusal.</param>
    /// <param name="Requests">That were refused since the last look.</param>
    /// <param name="Others">Commits and background work that met it since the last look.</param>
    /// <param name="RequestsInAll">Since the first refusal.</param>
    /// <param name="Reason">The last one.</param>
    internal sealed record Tally(TimeSpan Lasts, int Requests, int Others, int RequestsInAll, string Reason);
}
