namespace Signalbox.Events;

/// <summary>Wakes a background actor; rings that it has not answered yet are one.</summary>
/// <typeparam name="TActor">Whom: each has a bell of its own.</typeparam>
internal sealed class Bell<TActor>(TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _rung = new(0, 1);
    private readonly Lock _gate = new();

    public void Ring()
    {
        lock (_gate)
        {
            if (_rung.CurrentCount == 0)
            {
                _rung.Release();
            }
        }
    }

    /// <summary>Returns when somebody rang or the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var rung = _rung.WaitAsync(end.Token);
        await Task.WhenAny(rung, Task.Delay(atMost, clock, end.Token));
        await end.CancelAsync();
        await rung.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose() => _rung.Dispose();
}
