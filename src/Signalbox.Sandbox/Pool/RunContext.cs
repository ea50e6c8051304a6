using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Signalbox.Sandbox.Pool;

/// <summary>The heads of load and run frames. One a process; not for several threads at once.</summary>
internal sealed class RunContext
{
    private static readonly JsonWriterOptions _options = new() { SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;
    private readonly Dictionary<string, JsonEncodedText> _variableNames = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, string>? _lastContext;
    private byte[] _lastMembers = [];

    public RunContext()
    {
        _writer = new Utf8JsonWriter(_buffer, _options);
    }

    /// <summary>True when the last head names variables that no head before it did: the launcher has to declare them.</summary>
    public bool HasNewVariables { get; private set; }

    /// <summary>The settings of a load frame. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Load(SandboxedAction action, SandboxRequest request, DateTimeOffset deadline)
    {
        Begin();
        _writer.WriteStartObject();
        _writer.WriteString("main", string.IsNullOrEmpty(action.Main) ? "main" : action.Main);
        _writer.WriteBoolean("isBinary", action.IsBinary);
        _writer.WriteNumber("concurrency", action.Concurrency);
        _writer.WriteNumber("logBytesMax", action.LogBytesMax);
        _writer.WriteStartObject("env");
        foreach (var (name, value) in action.Environment)
        {
            _writer.WriteString(name, value);
        }

        _writer.WriteEndObject();
        _writer.WritePropertyName("context");
        WriteVariables(request, deadline);
        _writer.WriteEndObject();
        _writer.Flush();
        return _buffer.WrittenSpan;
    }

    /// <summary>The variables of a run frame. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Run(SandboxRequest request, DateTimeOffset deadline)
    {
        Begin();
        WriteVariables(request, deadline);
        _writer.Flush();
        return _buffer.WrittenSpan;
    }

    private void Begin()
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        HasNewVariables = false;
    }

    private void WriteVariables(SandboxRequest request, DateTimeOffset deadline)
    {
        var members = MembersOf(request.Context);
        _writer.WriteStartObject();
        _writer.WriteString("__OW_ACTIVATION_ID"u8, request.ActivationId);
        Span<byte> milliseconds = stackalloc byte[20];
        deadline.ToUnixTimeMilliseconds().TryFormat(milliseconds, out var digits, default, CultureInfo.InvariantCulture);
        _writer.WriteString("__OW_DEADLINE"u8, milliseconds[..digits]);
        if (request.TransactionId is not null)
        {
            _writer.WriteString(VariableName("transaction_id"), request.TransactionId);
        }

        if (request.TraceParent is not null)
        {
            _writer.WriteString(VariableName("traceparent"), request.TraceParent);
        }

        _writer.Flush();
        _buffer.Write(members);
        _writer.WriteEndObject();
    }

    /// <summary>The variables that each activation has, as members of an object; written once, as long as they stay the same object.</summary>
    private byte[] MembersOf(IReadOnlyDictionary<string, string> context)
    {
        if (!ReferenceEquals(context, _lastContext))
        {
            var buffer = new ArrayBufferWriter<byte>(256);
            using var writer = new Utf8JsonWriter(buffer, _options);
            foreach (var (name, value) in context)
            {
                buffer.Write(","u8);
                writer.WriteString(VariableName(name), value);
                writer.Flush();
                writer.Reset();
            }

            _lastMembers = buffer.WrittenSpan.ToArray();
            _lastContext = context;
        }

        return _lastMembers;
    }

    private JsonEncodedText VariableName(string name)
    {
        if (!_variableNames.TryGetValue(name, out var variable))
        {
            variable = JsonEncodedText.Encode("__OW_" + name.ToUpperInvariant());
            _variableNames[name] = variable;
            HasNewVariables = true;
        }

        return variable;
    }
}
