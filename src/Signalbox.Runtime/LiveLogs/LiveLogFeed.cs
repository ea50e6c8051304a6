using System.Runtime.CompilerServices;

namespace Signalbox.Runtime.LiveLogs;

/// <summary>What one follower is told. Dispose it, or others will find no place.</summary>
public sealed class LiveLogFeed : IDisposable
{
    private readonly LogSubscription _subscription;

    internal LiveLogFeed(LogSubscription subscription) => _subscription = subscription;

    /// <summary>How many events this follower was too slow for, since the last call.</summary>
    public int TakeLost() => _subscription.TakeLost();

    /// <summary>Events as they happen, in bunches: one for everything that waits.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LiveLogEvent>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await _subscription.WaitAsync(cancellationToken);
            var events = new List<LiveLogEvent>();
            while (_subscription.TryTake(out var entry))
            {
                events.Add(entry!.ToEvent());
            }

            yield return events;
        }
    }

    public void Dispose() => _subscription.Dispose();
}
