using System.Text.Json.Nodes;

namespace Signalbox.Server.Tests.Conformance;

/// <summary>An operation as the description has it.</summary>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Consumes">Content types of its body; empty: <c>application/json</c>.</param>
/// <param name="Produces">Content types of what it answers when it succeeds.</param>
/// <param name="Schemas">The schema of each documented status; null where none is described.</param>
public sealed record ApiOperation(
    string Id, HttpMethod Method, string Path, IReadOnlyList<string> Consumes, IReadOnlyList<string> Produces, IReadOnlyDictionary<string, JsonObject?> Schemas);
