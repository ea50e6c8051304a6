namespace Signalbox.Events.Signing;

/// <summary>A key pair without its private half.</summary>
public sealed record SigningKeyInfo
{
    /// <summary>1 or 2.</summary>
    public required int Slot { get; init; }

    /// <summary>Where its public half is served.</summary>
    public required string Path { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null while it signs.</summary>
    public DateTimeOffset? RetiredAt { get; init; }

    /// <summary>Until when its public half is served; null while it signs.</summary>
    public DateTimeOffset? ServedUntil { get; init; }
}
