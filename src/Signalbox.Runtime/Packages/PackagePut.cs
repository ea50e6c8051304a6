using System.Text.Json;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Packages;

/// <summary>The body of a package's PUT, checked (OpenWhisk behaviour, section 1.6).</summary>
internal sealed record PackagePut
{
    public required PutFields Fields { get; init; }

    /// <summary>The package to bind to; null when the body names none.</summary>
    public EntityName? Binding { get; init; }

    public static Outcome<PackagePut> Parse(JsonElement body, string callerNamespace)
    {
        if (PutFields.Parse(body).IsRefused(out var refusal, out var fields)
            || ParseBinding(body, callerNamespace).IsRefused(out refusal, out var binding))
        {
            return refusal;
        }

        return new PackagePut { Fields = fields, Binding = binding };
    }

    public Outcome<PackageEntity> Apply(EntityName name, PackageEntity? standing)
    {
        if (Binding is not null && standing is { Binding: null })
        {
            return new Refusal(409, "Resource is a package and cannot be converted into a binding.");
        }

        var binding = Binding ?? standing?.Binding;
        var annotations = Fields.Annotations ?? standing?.Annotations ?? ParameterList.Empty;
        return new PackageEntity
        {
            Name = name,
            Version = Fields.Version ?? standing?.NextVersion() ?? Entity.FirstVersion,
            Publish = Fields.Publish ?? standing?.Publish ?? false,
            Annotations = binding is { } target ? annotations.With("binding", BindingJson(target)) : annotations.Without(["binding"]),
            Parameters = Fields.Parameters ?? standing?.Parameters ?? ParameterList.Empty,
            Binding = binding,
        };
    }

    /// <summary>The annotation that every binding carries.</summary>
    public static JsonElement BindingJson(EntityName target) =>
        RuntimeJson.Parse(Json.Write(writer => PackageJson.WriteBinding(writer, target)));

    private static Outcome<EntityName?> ParseBinding(JsonElement body, string callerNamespace)
    {
        if (!PutFields.IsGiven(body, "binding", out var given)
            || (given.ValueKind == JsonValueKind.Object && !given.EnumerateObject().Any()))
        {
            return (EntityName?)null;
        }

        if (given.ValueKind != JsonValueKind.Object || Text(given, "namespace") is not { } ns || Text(given, "name") is not { } name)
        {
            return Refusal.Malformed("'binding' must be an object with 'namespace' and 'name'");
        }

        return EntityNameRules.ParseQualified($"/{ns}/{name}", callerNamespace).IsRefused(out var refusal, out var target)
            ? refusal
            : target;
    }

    private static string? Text(JsonElement given, string name) =>
        given.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
