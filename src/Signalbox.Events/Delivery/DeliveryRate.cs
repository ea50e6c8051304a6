namespace Signalbox.Events.Delivery;

/// <summary>A registration's limit of events a second. Pure: the time is told to it.</summary>
internal sealed class DeliveryRate(int eventsPerSecond)
{
    /// <summary>
    /// How far a fast registration may run ahead of its limit, because no alarm rings more exactly; slow ones never do.
    /// </summary>
    private static readonly TimeSpan _slack = TimeSpan.FromMilliseconds(20);

    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1) / eventsPerSecond;
    private TimeSpan _paidUntil = TimeSpan.MinValue;

    public int EventsPerSecond { get; } = eventsPerSecond;

    /// <summary>When the next request may start; it may carry several events, which are paid for afterwards.</summary>
    public TimeSpan NextAt => _interval < _slack && _paidUntil > TimeSpan.MinValue ? _paidUntil - _slack : _paidUntil;

    /// <summary>A request with so many events starts.</summary>
    public void Take(int events, TimeSpan now) => _paidUntil = (now > _paidUntil ? now : _paidUntil) + (events * _interval);

    /// <summary>A request with so many events was not sent after all.</summary>
    public void GiveBack(int events) => _paidUntil -= _paidUntil > TimeSpan.MinValue ? events * _interval : TimeSpan.Zero;
}
