using System.Text;
using System.Text.Json;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Packages;
using Signalbox.Storage;

namespace Signalbox.Runtime.Entities;

/// <summary>One row of <c>runtime_entities</c>. A list leaves <see cref="Parameters"/> and <see cref="Code"/> empty.</summary>
internal sealed class EntityRow
{
    public const string Actions = "actions";
    public const string Packages = "packages";

    private const string ParametersPurpose = "runtime.parameters";

    public string Namespace { get; init; } = "";
    public string Package { get; init; } = "";
    public string Name { get; init; } = "";
    public string Collection { get; init; } = "";
    public string Version { get; init; } = "";
    public bool Publish { get; init; }
    public string Annotations { get; init; } = "";
    public string Parameters { get; init; } = "";
    public long Updated { get; init; }
    public long Revision { get; init; }
    public int TimeoutMs { get; init; }
    public int MemoryMb { get; init; }
    public int LogsMb { get; init; }
    public int Concurrency { get; init; }
    public string Kind { get; init; } = "";
    public string? Main { get; init; }
    public bool IsBinary { get; init; }
    public string Components { get; init; } = "";
    public string Code { get; init; } = "";
    public string? BindingNamespace { get; init; }
    public string? BindingName { get; init; }

    public static EntityRow From(Entity entity, SecretProtector secrets)
    {
        var action = entity as ActionEntity;
        var binding = (entity as PackageEntity)?.Binding;
        return new EntityRow
        {
            Namespace = entity.Name.Namespace,
            Package = entity.Name.Package ?? "",
            Name = entity.Name.Name,
            Collection = action is null ? Packages : Actions,
            Version = entity.Version,
            Publish = entity.Publish,
            Annotations = entity.Annotations.ToJson(),
            Parameters = entity.Parameters.Items.Count == 0 ? "" : secrets.Protect(ParametersPurpose, entity.Parameters.ToJson()),
            Updated = entity.UpdatedMs,
            Revision = entity.Revision,
            TimeoutMs = action?.Limits.TimeoutMs ?? 0,
            MemoryMb = action?.Limits.MemoryMb ?? 0,
            LogsMb = action?.Limits.LogsMb ?? 0,
            Concurrency = action?.Limits.Concurrency ?? 0,
            Kind = action?.Exec.Kind ?? "",
            Main = action?.Exec.Main,
            IsBinary = action?.Exec.IsBinary ?? false,
            Components = action is { Exec.IsSequence: true } ? ComponentsToJson(action.Exec.Components) : "",
            Code = action?.Exec.Code ?? "",
            BindingNamespace = binding?.Namespace,
            BindingName = binding?.Name,
        };
    }

    public Entity ToEntity(SecretProtector secrets)
    {
        var name = new EntityName(Namespace, Package.Length == 0 ? null : Package, Name);
        var annotations = ParameterList.FromStored(Annotations);
        var parameters = Parameters.Length == 0
            ? ParameterList.Empty
            : ParameterList.FromStored(secrets.Unprotect(ParametersPurpose, Parameters));
        if (Collection == Packages)
        {
            return new PackageEntity
            {
                Name = name,
                Version = Version,
                Publish = Publish,
                Annotations = annotations,
                Parameters = parameters,
                UpdatedMs = Updated,
                Revision = Revision,
                Binding = BindingName is null ? null : new EntityName(BindingNamespace!, null, BindingName),
            };
        }

        return new ActionEntity
        {
            Name = name,
            Version = Version,
            Publish = Publish,
            Annotations = annotations,
            Parameters = parameters,
            UpdatedMs = Updated,
            Revision = Revision,
            Limits = new ActionLimits(TimeoutMs, MemoryMb, LogsMb, Concurrency),
            Exec = new ActionExec
            {
                Kind = Kind,
                Code = Code,
                IsBinary = IsBinary,
                Main = Main,
                Components = Components.Length == 0 ? [] : ComponentsFromJson(Components),
            },
        };
    }

    private static string ComponentsToJson(IReadOnlyList<EntityName> components) =>
        JsonSerializer.Serialize([.. components.Select(component => component.ToString())], RuntimeJson.Default.StringArray);

    private static EntityName[] ComponentsFromJson(string json) =>
        [.. JsonSerializer.Deserialize(json, RuntimeJson.Default.StringArray)!.Select(
            text => EntityNameRules.ParseQualified(text, "").IsRefused(out _, out var name)
                ? throw new InvalidOperationException($"The database holds the component name '{text}', which cannot be read.")
                : name)];
}
