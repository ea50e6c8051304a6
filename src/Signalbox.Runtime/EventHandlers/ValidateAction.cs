using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.SystemActions;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.EventHandlers;

/// <summary>
/// <c>validate_action</c>: lets only deliveries pass that are addressed to the namespace's credential and signed by
/// the service, and hands the event on without the rest of the request (events behaviour, sections 9.3 and 14.3).
/// </summary>
/// <remarks>
/// Headers are not signed. Therefore the event code that chose the user's sequence is compared with the signed
/// event's own type; otherwise a genuine event could be sent on to the sequence of another.
/// <para>
/// A batch is a JSON array of such events, signed as a whole. Each of them must be addressed to the credential and
/// be of the event code; the user's action gets them as <c>events</c>, in the order of the batch.
/// </para>
/// </remarks>
internal sealed class ValidateAction(PublicKeyCache keys) : ISystemAction
{
    private const int SignatureCharactersMax = 2_048;

    private static readonly (string Signature, string KeyPath)[] _pairs =
    [
        ("x-adobe-digital-signature-1", "x-adobe-public-key1-path"),
        ("x-adobe-digital-signature-2", "x-adobe-public-key2-path"),
    ];

    private static readonly HashSet<string> _withheldHeaders = [.. _pairs.SelectMany(pair => (string[])[pair.Signature, pair.KeyPath])];

    private static readonly byte[] _invalid =
        """{"statusCode":401,"body":"Authentication Signature is Invalid."}"""u8.ToArray();

    public EntityName Name => HandlerNames.Validator;

    public string Description => "Checks the signatures and the recipient of an event delivery";

    public async Task<SystemActionResult> RunAsync(SystemActionCall call, CancellationToken cancellationToken)
    {
        var delivery = new DeliveryArguments(call.Arguments);
        var body = delivery.Body();
        // The signatures cover the body as it came; only what is read of it is mended.
        if (!Utf8.IsValid(body)
            || Json.TryParse(SurrogateEscapes.Mend(body), out _) is not { ValueKind: JsonValueKind.Object or JsonValueKind.Array } message)
        {
            return Refuse(call, "the body is neither a JSON object nor an array of them");
        }

        if (FindFault(message, delivery) is { } fault)
        {
            return Refuse(call, fault);
        }

        foreach (var pair in _pairs)
        {
            if (await IsSignedAsync(body, delivery.Header(pair.Signature), delivery.Header(pair.KeyPath)))
            {
                return new SystemActionResult(Json.Write(writer => WriteEvent(writer, message, delivery)), IsError: false);
            }
        }

        return Refuse(call, "neither signature is valid for the body");
    }

    private static string? FindFault(JsonElement message, DeliveryArguments delivery)
    {
        if (message.ValueKind == JsonValueKind.Object)
        {
            return FindFaultOfEvent(message, delivery);
        }

        if (message.GetArrayLength() == 0)
        {
            return "the batch is empty";
        }

        foreach (var (position, element) in message.EnumerateArray().Index())
        {
            var fault = element.ValueKind == JsonValueKind.Object ? FindFaultOfEvent(element, delivery) : "it is no JSON object";
            if (fault is not null)
            {
                return $"event {position} of the batch: {fault}";
            }
        }

        return null;
    }

    private static string? FindFaultOfEvent(JsonElement message, DeliveryArguments delivery)
    {
        var recipient = Text(message, "recipientclientid") ?? Text(message, HandlerNames.RecipientParameter);
        if (recipient is null || recipient != delivery.Text(HandlerNames.RecipientParameter))
        {
            return "the event is addressed to another client id, or to none";
        }

        return !IsWrapped(message) && Text(message, "type") != delivery.Header("x-adobe-event-code")
            ? "x-adobe-event-code is not the type of the event"
            : null;
    }

    private async ValueTask<bool> IsSignedAsync(byte[] body, string signature, string keyPath)
    {
        if (signature.Length is 0 or > SignatureCharactersMax || keyPath.Length == 0)
        {
            return false;
        }

        var decoded = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, decoded, out var length)
            && await keys.FindAsync(keyPath) is { } key
            && key.Verifies(body, decoded.AsSpan(0, length));
    }

    private static void WriteEvent(Utf8JsonWriter writer, JsonElement message, DeliveryArguments delivery)
    {
        writer.WriteStartObject();
        if (message.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray("events");
            foreach (var element in message.EnumerateArray())
            {
                WriteAsItIs(writer, Inner(element));
            }

            writer.WriteEndArray();
        }
        else
        {
            writer.WritePropertyName("event");
            WriteAsItIs(writer, Inner(message));
        }

        writer.WriteStartObject("__adobe_headers");
        foreach (var (name, value) in delivery.Headers())
        {
            if (name == "x-request-id" || (name.StartsWith("x-adobe-", StringComparison.Ordinal) && !_withheldHeaders.Contains(name)))
            {
                writer.WriteString(name, value);
            }
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Byte by byte: escaped anew, it could become several times as long.</summary>
    private static void WriteAsItIs(Utf8JsonWriter writer, JsonElement element) =>
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(element), skipInputValidation: true);

    /// <summary>The event without the wrapper of the format <c>adobe_io</c>.</summary>
    private static JsonElement Inner(JsonElement message) =>
        IsWrapped(message) ? message.GetProperty("event") : message;

    /// <summary>
    /// True for the format <c>adobe_io</c>. It has no type, which every event has that was published here, be it without
    /// <c>specversion</c>.
    /// </summary>
    private static bool IsWrapped(JsonElement message) => !message.TryGetProperty("type", out _) && message.TryGetProperty("event", out _);

    private static string? Text(JsonElement message, string name) =>
        message.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static SystemActionResult Refuse(SystemActionCall call, string reason)
    {
        call.Log(LogStream.Stderr, "Refused: " + reason);
        return new SystemActionResult(_invalid, IsError: true);
    }
}
