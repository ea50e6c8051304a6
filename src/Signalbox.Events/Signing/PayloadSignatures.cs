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

    /// <summary>As one text, to be kept until a retry.</summary>
    public string Write() => string.Join(' ', KeyPath1, Signature1, KeyPath2, Signature2);

    /// <summary>What <see cref="Write"/> wrote; null when it is something else.</summary>
    public static PayloadSignatures? Read(string? text) =>
        text?.Split(' ') is [var path1, var signature1, var path2, var signature2]
            ? new PayloadSignatures { KeyPath1 = path1, Signature1 = signature1, KeyPath2 = path2, Signature2 = signature2 }
            : null;
}
