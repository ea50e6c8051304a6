using System.Threading.Channels;

namespace Signalbox.Runtime.LiveLogs;

/// <summary>
/// One watcher's queue, bounded in entries and in characters. What finds no place is lost to this watcher, and
/// counted, so that the watcher can be told how much.
/// </summary>
internal sealed class LogSubscription : IDisposable
{
    private const long QueuedCharsMax = 4L * 1024 * 1024;

    private readonly string? _action;
    private readonly Channel<LiveLogEntry> _queue;
    private readonly Action<LogSubscription> _remove;
    private long _queuedChars;
    private int _lost;

    public LogSubscription(string @namespace, string? action, int queueLength, Action<LogSubscription> remove)
    {
        Namespace = @namespace;
        _action = action;
        _remove = remove;
        _queue = Channel.CreateBounded<LiveLogEntry>(new BoundedChannelOptions(queueLength) { SingleReader = true });
    }

    public string Namespace { get; }

    /// <summary>Completes when there is something to take.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _queue.Reader.WaitToReadAsync(cancellationToken).AsTask();

    /// <summary>The next entry, if there is one now.</summary>
    public bool TryTake(out LiveLogEntry? entry)
    {
        if (!_queue.Reader.TryRead(out entry))
        {
            return false;
        }

        Interlocked.Add(ref _queuedChars, -entry.Chars);
        return true;
    }

    /// <summary>How many entries found no place since the last call.</summary>
    public int TakeLost() => Interlocked.Exchange(ref _lost, 0);

    /// <summary>Queues the entry if it is one that is watched and there is room. Never waits.</summary>
    public void Offer(string @namespace, LiveLogEntry entry)
    {
        if (@namespace != Namespace || (_action is not null && _action != entry.Action))
        {
            return;
        }

        // Counted first: the reader may take it the moment it is queued.
        var chars = Interlocked.Add(ref _queuedChars, entry.Chars);
        if (chars > QueuedCharsMax || !_queue.Writer.TryWrite(entry))
        {
            Interlocked.Add(ref _queuedChars, -entry.Chars);
            Interlocked.Increment(ref _lost);
        }
    }

    public void Dispose() => _remove(this);
}
