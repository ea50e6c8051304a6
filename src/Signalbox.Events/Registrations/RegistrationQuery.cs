namespace Signalbox.Events.Registrations;

/// <summary>Which registrations of a workspace, newest first. Pages are told apart by keys, so that a link to one stays good.</summary>
public sealed record RegistrationQuery
{
    public const int LimitMax = 100;

    /// <summary>A part of the name in any case; null or empty: all.</summary>
    public string? Name { get; init; }

    /// <summary>Null: all.</summary>
    public RegistrationState? State { get; init; }

    /// <summary>Only those older than the one with this key.</summary>
    public long? OlderThan { get; init; }

    /// <summary>Only those newer than the one with this key: the page next to it.</summary>
    public long? NewerThan { get; init; }

    /// <summary>1 to <see cref="LimitMax"/>.</summary>
    public int Limit { get; init; } = 25;
}
