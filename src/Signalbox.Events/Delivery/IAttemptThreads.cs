namespace Signalbox.Events.Delivery;

/// <summary>Where attempts run. The simulation of the delivery engine puts its own single thread in place of the pool.</summary>
internal interface IAttemptThreads
{
    /// <summary>Runs the attempt soon, never inside the call.</summary>
    void Start(IThreadPoolWorkItem attempt);
}
