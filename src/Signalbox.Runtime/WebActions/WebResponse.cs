using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.WebActions;

/// <summary>The HTTP response that an action's result stands for.</summary>
internal sealed record WebResponse
{
    public required int Status { get; init; }

    public IReadOnlyList<(string Name, string[] Values)> Headers { get; init; } = [];

    /// <summary>Null for a response without a body.</summary>
    public string? ContentType { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public Refusal? Refusal { get; init; }

    public static implicit operator WebResponse(Refusal refusal) => new() { Status = refusal.Status, Refusal = refusal };
}
