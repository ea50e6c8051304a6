using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Limits;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.Actions;

/// <summary>The body of an action's PUT, checked (OpenWhisk behaviour, section 1.5).</summary>
internal sealed partial record ActionPut
{
    public required PutFields Fields { get; init; }

    public ActionExec? Exec { get; init; }

    public ActionLimitsPut Limits { get; init; } = new();

    public IReadOnlyList<string> AnnotationsToDelete { get; init; } = [];

    public static Outcome<ActionPut> Parse(
        JsonElement body, string callerNamespace, IReadOnlyList<SandboxKind> kinds, EffectiveLimits limits)
    {
        if (PutFields.Parse(body).IsRefused(out var refusal, out var fields)
            || ParseExec(body, callerNamespace, kinds, limits).IsRefused(out refusal, out var exec)
            || ActionLimitsPut.Parse(body, limits).IsRefused(out refusal, out var limitsPut)
            || ParseAnnotationsToDelete(body).IsRefused(out refusal, out var annotationsToDelete))
        {
            return refusal;
        }

        return new ActionPut { Fields = fields, Exec = exec, Limits = limitsPut, AnnotationsToDelete = annotationsToDelete };
    }

    /// <summary>The entity that this PUT makes of the standing one, or of nothing.</summary>
    public Outcome<ActionEntity> Apply(EntityName name, ActionEntity? standing, EffectiveLimits limits)
    {
        if ((Exec ?? standing?.Exec) is not { } exec)
        {
            return Refusal.BadRequest("exec undefined");
        }

        var annotations = (standing?.Annotations ?? ParameterList.Empty)
            .Without(AnnotationsToDelete)
            .OverlaidBy(Fields.Annotations ?? ParameterList.Empty);
        if (standing is null && annotations.Find("provide-api-key") is null)
        {
            annotations = annotations.With("provide-api-key", false);
        }

        return new ActionEntity
        {
            Name = name,
            Version = Fields.Version ?? standing?.NextVersion() ?? Entity.FirstVersion,
            Publish = Fields.Publish ?? standing?.Publish ?? false,
            Annotations = annotations.With("exec", exec.Kind),
            Parameters = ParametersFor(exec, standing),
            Exec = exec,
            Limits = Limits.Over(standing?.Limits, limits),
        };
    }

    private ParameterList ParametersFor(ActionExec exec, ActionEntity? standing)
    {
        if (exec.IsSequence)
        {
            return ActionJson.ParametersOfSequence(exec);
        }

        var kept = standing is { Exec.IsSequence: false } ? standing.Parameters : ParameterList.Empty;
        return Fields.Parameters ?? kept;
    }

    private static Outcome<ActionExec?> ParseExec(
        JsonElement body, string callerNamespace, IReadOnlyList<SandboxKind> kinds, EffectiveLimits limits)
    {
        if (!PutFields.IsGiven(body, "exec", out var exec))
        {
            return (ActionExec?)null;
        }

        if (exec.ValueKind != JsonValueKind.Object)
        {
            return Refusal.Malformed("'exec' must be an object");
        }

        if (!exec.TryGetProperty("kind", out var kindGiven) || kindGiven.ValueKind != JsonValueKind.String)
        {
            return Refusal.Malformed("'kind' must be a string defined in 'exec'");
        }

        var kind = kindGiven.GetString()!;
        if (kind.Trim().Equals(ActionExec.SequenceKind, StringComparison.OrdinalIgnoreCase))
        {
            return ParseSequence(exec, callerNamespace);
        }

        return KindRules.Resolve(kind, kinds).IsRefused(out var refusal, out var resolved)
            ? refusal
            : ParseCode(exec, resolved, kinds.Any(known => known.Name == resolved && known.RequiresMain), limits);
    }

    private static Outcome<ActionExec?> ParseSequence(JsonElement exec, string callerNamespace)
    {
        if (!PutFields.IsGiven(exec, "components", out var components) || components.ValueKind != JsonValueKind.Array)
        {
            return Refusal.Malformed("'components' must be defined for sequence kind");
        }

        var names = new List<EntityName>();
        foreach (var component in components.EnumerateArray())
        {
            if (component.ValueKind != JsonValueKind.String)
            {
                return Refusal.Malformed("'components' must be an array of names of actions");
            }

            if (EntityNameRules.ParseQualified(component.GetString()!, callerNamespace).IsRefused(out var refusal, out var name))
            {
                return refusal;
            }

            names.Add(name);
        }

        return new ActionExec { Kind = ActionExec.SequenceKind, Components = names };
    }

    private static Outcome<ActionExec?> ParseCode(JsonElement exec, string kind, bool archivesNeedMain, EffectiveLimits limits)
    {
        if (!exec.TryGetProperty("code", out var codeGiven) || codeGiven.ValueKind != JsonValueKind.String)
        {
            return Refusal.Malformed($"'code' must be a string or attachment object defined in 'exec' for '{kind}' actions");
        }

        string? main = null;
        if (PutFields.IsGiven(exec, "main", out var mainGiven))
        {
            if (mainGiven.ValueKind != JsonValueKind.String)
            {
                return Refusal.Malformed($"if defined, 'main' be a string in 'exec' for '{kind}' actions");
            }

            main = mainGiven.GetString();
        }

        var code = codeGiven.GetString()!;
        var bytes = Encoding.UTF8.GetByteCount(code);
        if (bytes > limits.CodeBytesMax)
        {
            return Refusal.TooLarge("exec", bytes, limits.CodeBytesMax);
        }

        var isBinary = IsBase64(code);
        if (archivesNeedMain && isBinary && string.IsNullOrWhiteSpace(main))
        {
            return Refusal.Malformed($"'main' must be a string defined in 'exec' for '{kind}' actions");
        }

        // PostgreSQL's texts cannot hold NUL, and no source text needs it.
        return code.Contains('\0', StringComparison.Ordinal) || main?.Contains('\0', StringComparison.Ordinal) == true
            ? Refusal.Malformed("'code' and 'main' must not contain the character NUL")
            : new ActionExec { Kind = kind, Code = code, Main = main, IsBinary = isBinary };
    }

    /// <summary>Upstream's test: a text that reads as base64 is an archive, even the word "main".</summary>
    private static bool IsBase64(string code)
    {
        var trimmed = code.AsSpan().Trim();
        return trimmed.Length > 0 && trimmed.Length % 4 == 0 && Base64Pattern().IsMatch(trimmed);
    }

    private static Outcome<string[]> ParseAnnotationsToDelete(JsonElement body)
    {
        if (!PutFields.IsGiven(body, "delAnnotations", out var given))
        {
            return Array.Empty<string>();
        }

        return given.ValueKind == JsonValueKind.Array && given.EnumerateArray().All(key => key.ValueKind == JsonValueKind.String)
            ? given.EnumerateArray().Select(key => key.GetString()!).ToArray()
            : Refusal.Malformed("'delAnnotations' must be an array of keys");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9+/]*={0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Base64Pattern();
}
