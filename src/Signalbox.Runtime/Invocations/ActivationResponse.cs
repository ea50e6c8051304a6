using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.Invocations;

/// <summary>The class and the result of a run, with upstream's texts (OpenWhisk behaviour, section 2.3).</summary>
/// <param name="Size">Bytes of the raw result, before any cut.</param>
internal readonly record struct ActivationResponse(ActivationStatus Status, ReadOnlyMemory<byte> Result, int Size)
{
    /// <summary>What is kept of a result that is too large, so that its record stays small.</summary>
    private const int TruncatedBytes = 4 * 1024;

    /// <summary>The error as text, of a run that did not come to an answer; null for what an action answered itself.</summary>
    public string? Message { get; private init; }

    public static ActivationResponse ApplicationError(string error) => Failed(ActivationStatus.ApplicationError, error);

    public static ActivationResponse WhiskError(string error) => Failed(ActivationStatus.WhiskError, error);

    public static ActivationResponse DeveloperError(string error) => Failed(ActivationStatus.DeveloperError, error);

    /// <summary>An application error with a JSON value.</summary>
    public static ActivationResponse ApplicationError(ReadOnlySpan<byte> value)
    {
        byte[] result = [.. "{\"error\":"u8, .. value, .. "}"u8];
        return new ActivationResponse(ActivationStatus.ApplicationError, result, result.Length);
    }

    public static ActivationResponse From(SandboxOutcome outcome, int timeoutMs, int resultBytesMax) => outcome.Status switch
    {
        SandboxStatus.Answered => FromAnswer(outcome.Result, resultBytesMax),
        SandboxStatus.LoadFailed => DeveloperError(Cut(outcome.Message) ?? "The action failed during initialization."),
        SandboxStatus.LoadCrashed => DeveloperError("The action did not initialize and exited unexpectedly."),
        SandboxStatus.LoadTimedOut =>
            DeveloperError($"The action exceeded its time limits of {timeoutMs} milliseconds during initialization."),
        SandboxStatus.RunFailed => DeveloperError(Cut(outcome.Message) ?? "The action did not return a dictionary."),
        SandboxStatus.RunCrashed => DeveloperError("The action did not produce a valid response and exited unexpectedly."),
        SandboxStatus.RunTimedOut => DeveloperError($"The action exceeded its time limits of {timeoutMs} milliseconds."),
        SandboxStatus.OutOfMemory => DeveloperError("The action exhausted its memory and was aborted."),
        _ => WhiskError("Failed to provision resources to run the action."),
    };

    /// <summary>The response for what an action answered, of whatever type.</summary>
    public static ActivationResponse FromAnswer(ReadOnlyMemory<byte> answer, int resultBytesMax)
    {
        if (answer.Length > resultBytesMax)
        {
            return ApplicationError(
                $"The action produced a response that exceeded the allowed length: {answer.Length} > {resultBytesMax} bytes. "
                + $"The truncated response was: {Encoding.UTF8.GetString(answer.Span[..TruncatedBytes])}");
        }

        if (!Utf8.IsValid(answer.Span))
        {
            return NotJson(answer);
        }

        answer = SurrogateEscapes.Mend(answer);
        try
        {
            var reader = new Utf8JsonReader(answer.Span, Json.Reading);
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    return FromObject(ref reader, answer);
                case JsonTokenType.StartArray:
                    reader.Skip();
                    return reader.Read() ? NotJson(answer) : new ActivationResponse(ActivationStatus.Success, answer, answer.Length);
                default:
                    return NotJson(answer);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return NotJson(answer);
        }
    }

    private static ActivationResponse FromObject(ref Utf8JsonReader reader, ReadOnlyMemory<byte> answer)
    {
        Range? error = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isError = reader.ValueTextEquals("error"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isError)
            {
                error = start..(int)reader.BytesConsumed;
            }
        }

        if (reader.Read())
        {
            return NotJson(answer);
        }

        return error is { } range
            ? ApplicationError(answer.Span[range]) with { Size = answer.Length }
            : new ActivationResponse(ActivationStatus.Success, answer, answer.Length);
    }

    private static ActivationResponse NotJson(ReadOnlyMemory<byte> answer) => DeveloperError(
        "The action did not produce a valid JSON or JSON Array response: " + Cut(Encoding.UTF8.GetString(answer.Span)));

    private static ActivationResponse Failed(ActivationStatus status, string error)
    {
        var result = Json.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("error", error);
            writer.WriteEndObject();
        });
        return new ActivationResponse(status, result, result.Length) { Message = error };
    }

    private static string? Cut(string? text) => text is { Length: > TruncatedBytes } ? text[..TruncatedBytes] : text;
}
