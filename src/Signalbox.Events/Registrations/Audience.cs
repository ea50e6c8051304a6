namespace Signalbox.Events.Registrations;

/// <summary>Who gets an event, decided when registrations change rather than when events arrive. Never changed once built.</summary>
internal sealed class Audience
{
    public Audience(string eventCode, IEnumerable<Registration> registrations)
    {
        EventCode = eventCode;
        All = [.. registrations];
        Pushing = [.. All.Where(r => r.IsPushing)];
    }

    public string EventCode { get; }

    /// <summary>Everyone with an interest, disabled ones included: they journal.</summary>
    public Registration[] All { get; }

    /// <summary>Those that are also pushed to.</summary>
    public Registration[] Pushing { get; }
}
