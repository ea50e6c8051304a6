namespace Signalbox.Events.Signing;

/// <summary>Both signatures of a payload and where their keys are served (events behaviour, section 9.2).</summary>
internal sealed record PayloadSignatures
{
    /// <summary>Base64, of the key at <see cref="KeyPath1"/>.</summary>
    public required string Signature1 { get; init; }

    /// <summary>Base64, of the key at <see cref="KeyPath2"/>.</summary>
    public required string Signature2 { get; init; }

    public required string KeyPath1 { get; init; }

    public required string KeyPath2 { get; init; }
}
