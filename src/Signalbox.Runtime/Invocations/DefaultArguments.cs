using System.Buffers;
using System.Text.Json;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Invocations;

/// <summary>
/// Default parameters, ready to be merged under a payload without building a document: the members that the payload
/// lacks are put before its own bytes, which stay as they came.
/// </summary>
internal sealed class DefaultArguments
{
    private readonly byte[][] _members;

    public DefaultArguments(ParameterList parameters)
    {
        _members = [.. parameters.Items.Where(item => !item.IsInit).Select(WriteMember)];
        Keys = [.. parameters.Items.Where(item => !item.IsInit).Select(item => item.Key)];
    }

    public IReadOnlyList<string> Keys { get; }

    /// <summary>The defaults with the payload over them. A payload that is an array is passed as it is.</summary>
    /// <param name="payload">JSON in UTF-8, known to be valid.</param>
    public ReadOnlyMemory<byte> Merge(ReadOnlyMemory<byte> payload)
    {
        if (_members.Length == 0)
        {
            return payload;
        }

        var overridden = new bool[_members.Length];
        var reader = new Utf8JsonReader(payload.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return payload;
        }

        var start = (int)reader.TokenStartIndex + 1;
        var isEmpty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            for (var i = 0; i < Keys.Count; i++)
            {
                overridden[i] |= reader.ValueTextEquals(Keys[i]);
            }

            reader.Skip();
        }

        var end = (int)reader.TokenStartIndex;
        var merged = new ArrayBufferWriter<byte>(payload.Length + (_members.Length * 64));
        merged.Write("{"u8);
        var needsComma = false;
        for (var i = 0; i < _members.Length; i++)
        {
            if (overridden[i])
            {
                continue;
            }

            if (needsComma)
            {
                merged.Write(","u8);
            }

            merged.Write(_members[i]);
            needsComma = true;
        }

        if (needsComma && !isEmpty)
        {
            merged.Write(","u8);
        }

        merged.Write(payload.Span[start..end]);
        merged.Write("}"u8);
        return merged.WrittenMemory;
    }

    private static byte[] WriteMember(Parameter parameter)
    {
        var whole = Json.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName(parameter.Key);
            parameter.Value.WriteTo(writer);
            writer.WriteEndObject();
        });
        return whole[1..^1];
    }
}
