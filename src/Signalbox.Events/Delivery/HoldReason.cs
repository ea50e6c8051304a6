namespace Signalbox.Events.Delivery;

/// <summary>What keeps the next request of a registration from starting.</summary>
internal enum HoldReason
{
    /// <summary>Its endpoint asked not to be called before, by Retry-After.</summary>
    EndpointPause,

    /// <summary>It is delivered in order, and an event before this one is not delivered yet.</summary>
    InOrder,

    /// <summary>The last outcome could not be kept, so that it rests.</summary>
    OutcomeUnkept,

    /// <summary>It gets so many events a second and no more.</summary>
    RateLimit,

    /// <summary>Its endpoint failed so often in a row that it is called at a slow pace.</summary>
    SlowPace,
}
