using System.Net.Http.Headers;
using System.Text;

namespace Signalbox.Server.Tests.Conformance;

/// <summary>One call of an operation, made as a generated client makes it: from the description, with names and a body put in.</summary>
internal sealed class ApiCall(ApiOperation operation, Dictionary<string, string> names)
{
    /// <summary>The values of the path's parameters.</summary>
    public Dictionary<string, string> Names { get; } = names;

    public string Query { get; set; } = "";

    public string? Body { get; set; }

    public string? Token { get; set; }

    public string? ApiKey { get; set; }

    /// <summary>Makes the server fail while it answers.</summary>
    public bool HitsBug { get; set; }

    public HttpRequestMessage ToRequest(string requestId)
    {
        var path = Names.Aggregate(operation.Path, (text, name) => text.Replace($"{{{name.Key}}}", Uri.EscapeDataString(name.Value), StringComparison.Ordinal));
        var request = new HttpRequestMessage(operation.Method, path + Query);
        request.Headers.Add("x-request-id", requestId);
        request.Headers.Authorization = Token is null ? null : new AuthenticationHeaderValue("Bearer", Token);
        if (ApiKey is not null)
        {
            request.Headers.Add("x-api-key", ApiKey);
        }

        foreach (var type in operation.Produces)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        if (HitsBug)
        {
            request.Headers.Add(BuggyRouting.Header, "yes");
        }

        if (Body is not null)
        {
            request.Content = new StringContent(Body, Encoding.UTF8, operation.Consumes.FirstOrDefault() ?? "application/json");
        }

        return request;
    }
}
