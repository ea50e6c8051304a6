using Signalbox.Events.Registrations;

namespace Signalbox.Events.Holdings;

/// <summary>What the server holds, as of its last count.</summary>
internal sealed record Holding
{
    /// <summary>Deliveries that are owed, retries that wait included.</summary>
    public required long Deliveries { get; init; }

    /// <summary>Dead letters that can be redriven.</summary>
    public required long DeadLetters { get; init; }

    /// <summary>Notices to administrators that a channel refused and that are tried again.</summary>
    public required long FailingNotices { get; init; }

    /// <summary>Registrations that are not deleted, by their state; all states are there.</summary>
    public required IReadOnlyDictionary<RegistrationState, int> Registrations { get; init; }
}
