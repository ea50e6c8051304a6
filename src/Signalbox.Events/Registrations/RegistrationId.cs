namespace Signalbox.Events.Registrations;

/// <summary>A registration's public id, as in API paths.</summary>
public readonly record struct RegistrationId(Guid Value)
{
    /// <summary>Lower-case, with hyphens.</summary>
    public override string ToString() => Value.ToString("D");
}
