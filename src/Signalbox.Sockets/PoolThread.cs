using System.Runtime.CompilerServices;

namespace Signalbox.Sockets;

/// <summary>The way from a loop's thread to the thread pool, for work that is long or may block.</summary>
public static class PoolThread
{
    /// <summary>What follows the await runs on a thread of the pool; at once when this is no loop's thread.</summary>
    public static Hop Switch() => default;

    /// <summary>The awaitable of <see cref="Switch"/>.</summary>
    public readonly struct Hop : ICriticalNotifyCompletion
    {
        public bool IsCompleted => EventLoop.Current is null;

        public Hop GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) =>
            ThreadPool.QueueUserWorkItem(static next => next(), continuation, preferLocal: false);

        public void UnsafeOnCompleted(Action continuation) =>
            ThreadPool.UnsafeQueueUserWorkItem(static next => next(), continuation, preferLocal: false);
    }
}
