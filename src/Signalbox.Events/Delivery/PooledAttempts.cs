namespace Signalbox.Events.Delivery;

/// <summary>Attempts run on the process's thread pool.</summary>
internal sealed class PooledAttempts : IAttemptThreads
{
    public void Start(IThreadPoolWorkItem attempt) => ThreadPool.UnsafeQueueUserWorkItem(attempt, preferLocal: false);
}
