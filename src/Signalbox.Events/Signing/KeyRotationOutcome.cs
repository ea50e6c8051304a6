namespace Signalbox.Events.Signing;

/// <summary>What became of a rotation.</summary>
internal abstract record KeyRotationOutcome
{
    internal sealed record Rotated(SigningKey Current, SigningKey Retired) : KeyRotationOutcome;

    internal sealed record Refused(string Reason) : KeyRotationOutcome;
}
