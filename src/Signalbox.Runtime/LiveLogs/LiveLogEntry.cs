using System.Globalization;
using System.Text;
using System.Text.Json;
using Signalbox.Runtime.Activations;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.LiveLogs;

/// <summary>One thing that a watcher is told: a line, or the end of an activation.</summary>
internal sealed class LiveLogEntry
{
    private const int ErrorCharsMax = 2_000;

    private readonly string _activationId;
    private readonly LogLine? _line;
    private readonly ActivationStatus _status;
    private readonly long _durationMs;
    private readonly string? _error;

    private LiveLogEntry(string action, string activationId, LogLine? line, ActivationStatus status, long durationMs, string? error)
    {
        Action = action;
        _activationId = activationId;
        _line = line;
        _status = status;
        _durationMs = durationMs;
        _error = error;
    }

    /// <summary>The action's name from the root: <c>/ns/package/name</c>.</summary>
    public string Action { get; }

    /// <summary>What it weighs in a queue.</summary>
    public int Chars => (_line?.Text.Length ?? 0) + (_error?.Length ?? 0);

    public static LiveLogEntry Line(string action, string activationId, LogLine line) =>
        new(action, activationId, line, default, 0, null);

    public static LiveLogEntry End(string action, Activation activation) =>
        new(action, activation.Id, null, activation.Status, activation.DurationMs, activation.IsSuccess ? null : ErrorOf(activation.Result.Span));

    public LiveLogEvent ToEvent() => new()
    {
        Action = Action,
        ActivationId = _activationId,
        Time = _line?.Time,
        IsError = _line?.Stream == LogStream.Stderr,
        Text = _line?.Text ?? _error ?? "",
        Status = _line is null ? ActivationJson.StatusText(_status) : null,
        Duration = _line is null ? TimeSpan.FromMilliseconds(_durationMs) : null,
    };

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, _line is null ? "end"u8 : "line"u8);
        writer.WriteString("action"u8, Action);
        writer.WriteString("activationId"u8, _activationId);
        if (_line is { } line)
        {
            writer.WriteString("time"u8, line.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteString("stream"u8, line.Stream == LogStream.Stdout ? "stdout"u8 : "stderr"u8);
            writer.WriteString("text"u8, line.Text);
        }
        else
        {
            writer.WriteString("status"u8, ActivationJson.StatusText(_status));
            writer.WriteNumber("durationMs"u8, _durationMs);
            if (_error is not null)
            {
                writer.WriteString("error"u8, _error);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>The error of a result as text, cut to what a terminal can show.</summary>
    private static string? ErrorOf(ReadOnlySpan<byte> result)
    {
        var reader = new Utf8JsonReader(result, Edge.Json.Reading);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isError = reader.ValueTextEquals("error"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isError && reader.TokenType == JsonTokenType.String)
            {
                return Cut(reader.GetString()!);
            }

            reader.Skip();
            if (isError)
            {
                return Cut(Encoding.UTF8.GetString(result[start..(int)reader.BytesConsumed]));
            }
        }

        return null;
    }

    private static string Cut(string text) => text.Length > ErrorCharsMax ? text[..ErrorCharsMax] + "…" : text;
}
