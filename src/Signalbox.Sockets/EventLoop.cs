using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;

namespace Signalbox.Sockets;

/// <summary>
/// A thread that waits for many sockets and calls whoever is ready, so that a request, its run in a sandbox and the
/// answer need no other thread. What runs on it must neither block nor compute for long: <see cref="PoolThread"/> is the way out.
/// </summary>
/// <remarks>
/// <code>
/// turn:  wait ─► each ready socket's handler, in turn ─► what was gathered meanwhile, once ─► wait
/// </code>
/// </remarks>
public sealed class EventLoop
{
    private const int EventsPerTurnMax = 64;

    private static readonly Lazy<EventLoop[]> _all = new(StartAll);

    [ThreadStatic]
    private static EventLoop? _current;

    private static int _next;

    /// <summary>Hears of exceptions that handlers let out, which are bugs; their socket is closed.</summary>
    public static event Action<Exception>? HandlerFailed;

    private readonly Epoll _epoll = new(EventsPerTurnMax);
    private readonly ConcurrentDictionary<long, LoopSocket> _sockets = new();
    private readonly List<ITurnEnd> _turnEnds = [];
    private long _lastKey;

    private EventLoop(int number) => new Thread(Run)
    {
        IsBackground = true,
        Name = string.Create(CultureInfo.InvariantCulture, $"event-loop-{number}"),
    }.Start();

    /// <summary>Loops need Linux.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>The loop whose thread this is; null on all other threads.</summary>
    public static EventLoop? Current => _current;

    /// <summary>The loop for a new socket: they take turns. All of a process share the same few.</summary>
    public static EventLoop Next() => _all.Value[(uint)Interlocked.Increment(ref _next) % _all.Value.Length];

    /// <summary>Asks for a call when this turn ends. On the loop's own thread only; each call for one.</summary>
    public void AtTurnEnd(ITurnEnd gathered) => _turnEnds.Add(gathered);

    internal long Watch(LoopSocket socket, int descriptor, Readiness interest)
    {
        // Never used twice, unlike descriptors: an event of the turn in which a socket was closed finds nobody.
        var key = Interlocked.Increment(ref _lastKey);
        _sockets[key] = socket;
        try
        {
            _epoll.Watch(descriptor, key, interest);
        }
        catch (Win32Exception)
        {
            _sockets.TryRemove(key, out _);
            throw;
        }

        return key;
    }

    internal void Change(int descriptor, long key, Readiness interest) => _epoll.Change(descriptor, key, interest);

    internal void Forget(int descriptor, long key)
    {
        if (_sockets.TryRemove(key, out _))
        {
            _epoll.Forget(descriptor);
        }
    }

    /// <summary>Half of the processors: the others run the actions.</summary>
    private static EventLoop[] StartAll() => [.. Enumerable.Range(1, Math.Max(1, Environment.ProcessorCount / 2)).Select(number => new EventLoop(number))];

    private static void Call(LoopSocket socket, Readiness readiness)
    {
        try
        {
            socket.OnReady(readiness);
        }
#pragma warning disable CA1031 // A bug in one connection's handler must not end all others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            socket.Dispose();
            HandlerFailed?.Invoke(exception);
        }
    }

    private void Run()
    {
        _current = this;
        while (true)
        {
            var count = _epoll.Wait();
            for (var i = 0; i < count; i++)
            {
                var (readiness, key) = _epoll.Read(i);
                if (_sockets.TryGetValue(key, out var socket))
                {
                    Call(socket, readiness);
                }
            }

            // What is called may gather anew, for the end of this same turn.
            for (var i = 0; i < _turnEnds.Count; i++)
            {
                _turnEnds[i].OnTurnEnd();
            }

            _turnEnds.Clear();
        }
    }
}
