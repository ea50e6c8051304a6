namespace Signalbox.Events.Stories;

/// <summary>A registration that has an interest in an event and did not get it, in the event's story.</summary>
public sealed record PassedOverStory
{
    public required string RegistrationId { get; init; }

    /// <summary>The workspace of the registration.</summary>
    public required string WorkspaceId { get; init; }

    public required string Name { get; init; }

    /// <summary><c>filter</c>, <c>changed</c> (it would get it now) or <c>sample</c> (which goes to one registration only).</summary>
    public required string Reason { get; init; }

    /// <summary>The same in words.</summary>
    public required string Why { get; init; }
}
