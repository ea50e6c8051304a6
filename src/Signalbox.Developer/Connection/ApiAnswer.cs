using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.Developer.Connection;

/// <summary>What the Runtime API answered to one call.</summary>
/// <param name="Status">Any but 401, which is an error of the connection.</param>
/// <param name="Body">Null when it was empty.</param>
/// <param name="ActivationId">Of an invocation.</param>
internal sealed record ApiAnswer(HttpStatusCode Status, JsonNode? Body, string? ActivationId);
