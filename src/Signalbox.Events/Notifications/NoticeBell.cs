namespace Signalbox.Events.Notifications;

/// <summary>Wakes the sender of notices; rings that nobody has answered yet are one.</summary>
internal sealed class NoticeBell(TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _rung = new(0);

    public void Ring() => _rung.Release();

    /// <summary>Returns when somebody rang or the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var rung = _rung.WaitAsync(end.Token);
        await Task.WhenAny(rung, Task.Delay(atMost, clock, end.Token));
        await end.CancelAsync();
        await rung.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        while (_rung.Wait(TimeSpan.Zero, CancellationToken.None))
        {
        }
    }

    public void Dispose() => _rung.Dispose();
}
