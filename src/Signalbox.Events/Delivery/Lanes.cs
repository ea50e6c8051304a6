using Signalbox.Events.Registrations;

namespace Signalbox.Events.Delivery;

/// <summary>The lanes in use, one for each registration. Guarded by the dispatcher's lock.</summary>
internal sealed class Lanes(HeldDeliveries held, int windowMax, int actionBatchBytesMax, Uptime uptime)
{
    private readonly Dictionary<long, Lane> _byRegistration = [];

    public IReadOnlyCollection<Lane> All => _byRegistration.Values;

    public Lane? Find(long registrationKey) => _byRegistration.GetValueOrDefault(registrationKey);

    /// <summary>The registration's lane, which follows its settings; a new one when it has none.</summary>
    public Lane Of(Registration registration)
    {
        if (!_byRegistration.TryGetValue(registration.Key, out var lane))
        {
            lane = new Lane(registration, windowMax, actionBatchBytesMax) { UsedAt = uptime.Now };
            _byRegistration.Add(registration.Key, lane);
        }
        else if (lane.Configure(registration))
        {
            held.Release(lane);
        }

        return lane;
    }

    public void Remove(Lane lane) => _byRegistration.Remove(lane.RegistrationKey);

    /// <summary>Forgets what was learned of endpoints that were not called for long. Returns how many lanes are left.</summary>
    public int ForgetIdle(TimeSpan lifetime)
    {
        var now = uptime.Now;
        foreach (var lane in All.Where(lane => lane.IsIdle && lane.UsedAt < now - lifetime && lane.PausedUntil <= now).ToList())
        {
            Remove(lane);
        }

        return _byRegistration.Count;
    }
}
