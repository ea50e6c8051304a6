using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime.Entities;

/// <summary>The members that a PUT of any entity may have; absent ones are null.</summary>
internal sealed partial record PutFields
{
    public bool? Publish { get; init; }

    public string? Version { get; init; }

    public ParameterList? Parameters { get; init; }

    public ParameterList? Annotations { get; init; }

    public static Outcome<PutFields> Parse(JsonElement body)
    {
        if (ParseList(body, "parameters").IsRefused(out var refusal, out var parameters)
            || ParseList(body, "annotations").IsRefused(out refusal, out var annotations)
            || ParseVersion(body).IsRefused(out refusal, out var version))
        {
            return refusal;
        }

        bool? publish = null;
        if (IsGiven(body, "publish", out var given))
        {
            if (given.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            {
                return Refusal.Malformed("'publish' must be true or false");
            }

            publish = given.GetBoolean();
        }

        return new PutFields { Publish = publish, Version = version, Parameters = parameters, Annotations = annotations };
    }

    /// <summary>True when the member is there and not null.</summary>
    public static bool IsGiven(JsonElement body, string name, out JsonElement value) =>
        body.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private static Outcome<ParameterList?> ParseList(JsonElement body, string name)
    {
        if (!IsGiven(body, name, out var given))
        {
            return (ParameterList?)null;
        }

        if (ParameterList.Parse(given, name).IsRefused(out var refusal, out var list))
        {
            return refusal;
        }

        var bytes = Encoding.UTF8.GetByteCount(list.ToJson());
        return bytes > EffectiveLimits.ParameterBytesMax
            ? Refusal.TooLarge(name, bytes, EffectiveLimits.ParameterBytesMax)
            : list;
    }

    private static Outcome<string?> ParseVersion(JsonElement body)
    {
        if (!IsGiven(body, "version", out var given))
        {
            return (string?)null;
        }

        return given.ValueKind == JsonValueKind.String && VersionPattern().IsMatch(given.GetString()!)
            ? given.GetString()
            : Refusal.Malformed("'version' must be three numbers with dots between");
    }

    [GeneratedRegex(@"\A\d{1,9}\.\d{1,9}\.\d{1,9}\z", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}
