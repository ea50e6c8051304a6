using System.Text;
using System.Text.Json;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.WebActions;

/// <summary>From an activation to an HTTP response, by the URL's extension (OpenWhisk behaviour, section 3.4).</summary>
internal static class ResultProjection
{
    private static readonly Refusal _failed = Refusal.BadRequest("There was an error processing your request.");

    public static WebResponse Project(Activation activation, string extension)
    {
        if (activation.Status is not (ActivationStatus.Success or ActivationStatus.ApplicationError))
        {
            return _failed;
        }

        var result = RuntimeJson.Parse(activation.Result.Span);
        if (activation.Status == ActivationStatus.ApplicationError)
        {
            result = result.GetProperty("error");
        }

        return extension switch
        {
            ".json" => AsJson(result),
            ".html" => AsMarkup(result, "html", "text/html; charset=UTF-8", "text/html"),
            ".svg" => AsMarkup(result, "svg", "image/svg+xml", "image/svg+xml"),
            ".text" => AsText(result),
            _ => HttpProjection.Project(result),
        };
    }

    private static WebResponse AsJson(JsonElement result) =>
        result.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            ? new WebResponse { Status = 200, ContentType = "application/json", Body = Json.WritePretty(result.WriteTo) }
            : Refusal.BadRequest("Response is not valid 'application/json'.");

    private static WebResponse AsMarkup(JsonElement result, string field, string contentType, string name) =>
        Field(result, field) is { ValueKind: JsonValueKind.String } text
            ? new WebResponse { Status = 200, ContentType = contentType, Body = Encoding.UTF8.GetBytes(text.GetString()!) }
            : Refusal.BadRequest($"Response is not valid '{name}'.");

    private static WebResponse AsText(JsonElement result)
    {
        if (Field(result, "text") is not { } value)
        {
            return new Refusal(404, "Response does not include requested property.");
        }

        return new WebResponse
        {
            Status = 200,
            ContentType = "text/plain; charset=UTF-8",
            Body = value.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(value.GetString()!) : Json.WritePretty(value.WriteTo),
        };
    }

    private static JsonElement? Field(JsonElement result, string field) =>
        result.ValueKind != JsonValueKind.Object ? null
        : result.TryGetProperty("body", out var body) ? body
        : result.TryGetProperty(field, out var found) ? found
        : null;
}
