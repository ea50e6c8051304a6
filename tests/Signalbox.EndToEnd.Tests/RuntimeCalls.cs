using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>The Runtime calls that many tests make.</summary>
internal static class RuntimeCalls
{
    /// <summary>Creates or replaces a private action; a name with a slash gets its package.</summary>
    public static async Task PutActionAsync(this ServerClient client, string name, string code, JsonObject? limits = null, JsonObject? parameters = null)
    {
        if (name.Split('/') is [var package, _])
        {
            (await client.RuntimeAsync(HttpMethod.Put, $"/packages/{package}?overwrite=true", new JsonObject())).Expect(HttpStatusCode.OK);
        }

        var body = new JsonObject { ["exec"] = new JsonObject { ["kind"] = "nodejs:default", ["code"] = code } };
        if (limits is not null)
        {
            body["limits"] = limits;
        }

        if (parameters is not null)
        {
            body["parameters"] = new JsonArray([.. parameters.Select(p => new JsonObject { ["key"] = p.Key, ["value"] = p.Value?.DeepClone() })]);
        }

        (await client.RuntimeAsync(HttpMethod.Put, $"/actions/{name}?overwrite=true", body)).Expect(HttpStatusCode.OK);
    }

    /// <summary>The lines that an activation logged.</summary>
    public static async Task<IReadOnlyList<string>> GetLogsAsync(this ServerClient client, string activationId)
    {
        var logs = (await client.RuntimeAsync(HttpMethod.Get, $"/activations/{activationId}/logs")).Expect(HttpStatusCode.OK);
        return [.. logs.Json["logs"]!.AsArray().Select(line => line!.GetValue<string>())];
    }

    public static async Task<JsonNode> GetActivationAsync(this ServerClient client, string activationId) =>
        (await client.RuntimeAsync(HttpMethod.Get, $"/activations/{activationId}")).Expect(HttpStatusCode.OK).Json;

    /// <summary>How often an action ran, as far as its activations are kept.</summary>
    public static async Task<int> CountActivationsAsync(this ServerClient client, string action) =>
        (await client.RuntimeAsync(HttpMethod.Get, $"/activations?name={action}&count=true")).Expect(HttpStatusCode.OK).Json["activations"]!.GetValue<int>();

    /// <summary>All activation records of an action, page by page.</summary>
    public static async Task<IReadOnlyList<JsonNode>> ListActivationsAsync(this ServerClient client, string action)
    {
        const int pageSize = 50;
        var records = new List<JsonNode>();
        while (true)
        {
            var page = (await client.RuntimeAsync(HttpMethod.Get, $"/activations?name={action}&docs=true&limit={pageSize}&skip={records.Count}"))
                .Expect(HttpStatusCode.OK).Json.AsArray();
            records.AddRange(page.Select(r => r!));
            if (page.Count < pageSize)
            {
                return records;
            }
        }
    }
}
