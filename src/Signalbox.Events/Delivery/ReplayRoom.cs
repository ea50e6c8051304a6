using Signalbox.Events.Registrations;

namespace Signalbox.Events.Delivery;

/// <summary>How many deliveries of replays may be due at once, so that they never starve live traffic. Pure.</summary>
internal static class ReplayRoom
{
    /// <summary>
    /// A share of the registration's window; one event while others of its deliveries wait, so that behind an endless queue a
    /// replay still moves; none while half of the places of all registrations are taken.
    /// </summary>
    /// <param name="registration">Whose replay it is.</param>
    /// <param name="lane">Its lane; null when it has none.</param>
    /// <param name="inFlight">Requests of all registrations that run now.</param>
    /// <param name="options">The windows' settings.</param>
    public static int Find(Registration registration, Lane? lane, int inFlight, EventsOptions options)
    {
        if (inFlight >= Math.Max(1, options.ConcurrencyMax / 2))
        {
            return 0;
        }

        if (lane is { IsCaughtUp: false })
        {
            return 1;
        }

        // A request of a batch carries many.
        var window = lane?.Window.Size ?? options.ConcurrencyPerRegistration;
        var perRequest = Parcel.EventsMaxOf(registration);
        return Math.Max(1, window * options.ReplayWindowPercent / 100) * perRequest;
    }
}
