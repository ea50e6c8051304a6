using System.Globalization;
using System.Text;
using System.Text.Json;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.SystemActions;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.EventHandlers;

/// <summary>
/// <c>handler</c>: answers challenges, runs the user's sequence for the delivered event, and turns its outcome into
/// the response of the delivery (events behaviour, sections 14.3 and 14.4).
/// </summary>
internal sealed class HandlerAction : ISystemAction
{
    private const int StatusWhenUnnamed = 500;

    public EntityName Name => HandlerNames.Handler;

    public string Description => "Runs the sequence that an event delivery is meant for";

    public async Task<SystemActionResult> RunAsync(SystemActionCall call, CancellationToken cancellationToken)
    {
        var delivery = new DeliveryArguments(call.Arguments);
        if (delivery.Query("challenge") is { } challenge)
        {
            return Succeed(writer => WriteChallenge(writer, challenge));
        }

        var name = HandlerNames.UserSequence(
            delivery.Header("x-adobe-provider"), delivery.Header("x-adobe-event-code"), delivery.Query("id") ?? "");
        var outcome = await call.InvokeAsync(
            new EntityName(call.Caller.Name, null, name),
            action => action.Exec.IsSequence && action.Annotations.IsTruthy(HandlerNames.UserSequenceAnnotation),
            Json.Write(delivery.WriteDelivery),
            cancellationToken);
        if (outcome.IsRefused(out var refusal, out var activation))
        {
            call.Log(LogStream.Stderr, $"No sequence '{name}' in this namespace is meant for this event.");
            return Fail(refusal.Status, null, writer => writer.WriteStringValue(refusal.Error));
        }

        call.Log(LogStream.Stdout, $"Sequence activation {activation.Id}: {activation.Status}");
        return activation.IsSuccess ? new SystemActionResult(activation.Result, IsError: false) : Fail(activation);
    }

    private static SystemActionResult Fail(Activation activation)
    {
        var error = RuntimeJson.Parse(activation.Result.Span).GetProperty("error");
        var status = StatusWhenUnnamed;
        if (error.ValueKind == JsonValueKind.Object && error.TryGetProperty("statusCode", out var named))
        {
            status = ReadStatus(named);
            error = error.TryGetProperty("body", out var body) ? body : error;
        }

        return Fail(status, activation.FailedId ?? activation.Id, writer => WriteError(writer, error));
    }

    /// <summary>
    /// A rejected promise arrives as an object with name, message and stack; the delivery's trace shows the message
    /// as the runtime prints it, and no stack.
    /// </summary>
    private static void WriteError(Utf8JsonWriter writer, JsonElement error)
    {
        if (error.ValueKind == JsonValueKind.Object
            && error.TryGetProperty("stack", out _)
            && error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String)
        {
            var name = error.TryGetProperty("name", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : "Error";
            writer.WriteStringValue($"An error has occurred: {name}: {message.GetString()}");
        }
        else
        {
            error.WriteTo(writer);
        }
    }

    private static int ReadStatus(JsonElement named)
    {
        var status = 0;
        var isRead = named.ValueKind switch
        {
            JsonValueKind.Number => named.TryGetInt32(out status),
            JsonValueKind.String => int.TryParse(named.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out status),
            _ => false,
        };
        return isRead && status is >= 200 and <= 999 ? status : StatusWhenUnnamed;
    }

    private static SystemActionResult Fail(int status, string? activationId, Action<Utf8JsonWriter> writeError)
    {
        var body = Encoding.UTF8.GetString(Json.WritePretty(writer =>
        {
            writer.WriteStartObject();
            if (activationId is not null)
            {
                writer.WriteString("activation_id", activationId);
            }

            writer.WritePropertyName("error");
            writeError(writer);
            writer.WriteEndObject();
        }));
        var response = Json.Write(writer => WriteResponse(writer, status, () => writer.WriteStringValue(body)));
        return new SystemActionResult(response, IsError: true);
    }

    private static SystemActionResult Succeed(Action<Utf8JsonWriter> write) => new(Json.Write(write), IsError: false);

    private static void WriteChallenge(Utf8JsonWriter writer, string challenge) => WriteResponse(writer, 200, () =>
    {
        writer.WriteStartObject();
        writer.WriteString("challenge", challenge);
        writer.WriteEndObject();
    });

    private static void WriteResponse(Utf8JsonWriter writer, int status, Action writeBody)
    {
        writer.WriteStartObject();
        writer.WriteNumber("statusCode", status);
        writer.WriteStartObject("headers");
        writer.WriteString("content-type", "application/json");
        writer.WriteEndObject();
        writer.WritePropertyName("body");
        writeBody();
        writer.WriteEndObject();
    }
}
