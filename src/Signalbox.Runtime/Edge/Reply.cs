using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Signalbox.Runtime.Edge;

/// <summary>What a REST call is answered; <see cref="RestEdge"/> writes it.</summary>
internal sealed record Reply
{
    public required int Status { get; init; }

    /// <summary>Writes the JSON body; null: an error, or no body.</summary>
    public Action<Utf8JsonWriter>? Body { get; init; }

    /// <summary>A body that is there already, in place of <see cref="Body"/>.</summary>
    public ReadOnlyMemory<byte>? Json { get; init; }

    /// <summary>Writes a body that goes on until the caller leaves, in place of <see cref="Body"/>.</summary>
    public Func<HttpContext, Task>? Stream { get; init; }

    public Refusal? Refusal { get; init; }

    /// <summary>The value of <c>x-openwhisk-activation-id</c>.</summary>
    public string? ActivationId { get; init; }

    public static implicit operator Reply(Refusal refusal) => new() { Status = refusal.Status, Refusal = refusal };

    public static Reply Ok(Action<Utf8JsonWriter> body) => new() { Status = 200, Body = body };
}
