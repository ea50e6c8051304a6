namespace Signalbox.Events.Delivery;

/// <summary>
/// How many requests one endpoint gets at once: it grows with success and is halved when the endpoint shows that it
/// cannot follow. Pure: what happened and when is told to it.
/// </summary>
/// <remarks>
/// Until the endpoint fails for the first time, each success adds a place, which doubles the window with each round
/// of answers. After that a whole round of successes adds one place, so that an endpoint that comes back from an outage
/// is not run over by its backlog. What was sent before the window was halved says nothing about the halved window.
/// </remarks>
internal sealed class DeliveryWindow(int max)
{
    private const int First = 4;

    private double _size = Math.Min(First, max);
    private bool _hasFailed;
    private TimeSpan _halvedAt = TimeSpan.MinValue;

    /// <summary>Requests that may be under way; at least 1.</summary>
    public int Size => (int)_size;

    /// <summary>It knows nothing that a new one would not know.</summary>
    public bool IsFresh => !_hasFailed;

    public void Succeeded() => _size = Math.Min(max, _size + (_hasFailed ? 1 / _size : 1));

    /// <summary>The endpoint could not follow.</summary>
    /// <param name="startedAt">When it was the request's turn.</param>
    /// <param name="now">When that is known.</param>
    public void Failed(TimeSpan startedAt, TimeSpan now)
    {
        if (startedAt < _halvedAt)
        {
            return;
        }

        _hasFailed = true;
        _halvedAt = now;
        _size = Math.Max(1, _size / 2);
    }
}
