namespace Signalbox.Events.Delivery;

/// <summary>A request under way.</summary>
/// <param name="Lane">Whose it is.</param>
/// <param name="Parcel">What it carries.</param>
/// <param name="StartedAt">When it was its turn, in <see cref="Uptime"/>.</param>
internal sealed record StartedAttempt(Lane Lane, Parcel Parcel, TimeSpan StartedAt);
