using System.Globalization;
using System.Text;
using System.Text.Json;
using Signalbox.Identity;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Invocations;
using Signalbox.Runtime.Packages;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.Actions;

/// <summary>
/// An action as a name leads to it: the action, the package it stands in, and the binding that the name went
/// through. Made once for each name and state of these three, and used by every invocation.
/// </summary>
internal sealed class ResolvedAction
{
    /// <summary>Waits shorter than this have annotations that are kept.</summary>
    private const int WarmWaitsMsMax = 16;

    private readonly string _environmentStamp;
    private readonly ParameterList _initParameters;
    private readonly HashSet<string>? _finalKeys;
    private volatile CallerAction? _lastSandboxed;

    public ResolvedAction(EntityName requested, ActionEntity action, PackageEntity? package, PackageEntity? binding)
    {
        Requested = requested;
        Action = action;
        Package = package;
        Binding = binding;
        Parameters = (package?.Parameters ?? ParameterList.Empty)
            .OverlaidBy(binding?.Parameters ?? ParameterList.Empty)
            .OverlaidBy(action.Exec.IsSequence ? ParameterList.Empty : action.Parameters);
        Defaults = new DefaultArguments(Parameters);
        _initParameters = new ParameterList([.. Parameters.Items.Where(item => item.IsInit)]);
        // The environment of a process is fixed when its code is loaded: where it comes from packages too, their
        // states are part of the process's identity.
        _environmentStamp = _initParameters.Items.Count == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"+{package?.Revision}+{binding?.Revision}");
        if (action.Annotations.IsTruthy("final"))
        {
            _finalKeys = [.. Parameters.Items.Where(item => item.Value.ValueKind != JsonValueKind.Null).Select(item => item.Key)];
        }

        LimitsJson = Json.Write(writer => ActionJson.WriteLimits(writer, action.Limits));
    }

    /// <summary>The name that was asked for; its package may be a binding.</summary>
    public EntityName Requested { get; }

    public ActionEntity Action { get; }

    /// <summary>The real package; null in the default package.</summary>
    public PackageEntity? Package { get; }

    /// <summary>The binding that the name went through, or null.</summary>
    public PackageEntity? Binding { get; }

    /// <summary>Package below binding below action.</summary>
    public ParameterList Parameters { get; }

    public DefaultArguments Defaults { get; }

    /// <summary>The limits as activations show them.</summary>
    public byte[] LimitsJson { get; }

    /// <summary>The annotations of a warm run at the top by its wait in milliseconds, as far as one has been made.</summary>
    public byte[]?[] WarmAnnotations { get; } = new byte[]?[WarmWaitsMsMax];

    /// <summary>The id that the action last ran under, or null when it has not run.</summary>
    public string? LastSandboxedId => _lastSandboxed?.Action.Id;

    /// <summary>True when a JSON object names a parameter that the action declared final.</summary>
    public bool NamesFinalParameter(ReadOnlySpan<byte> payload)
    {
        if (_finalKeys is not { Count: > 0 })
        {
            return false;
        }

        var reader = new Utf8JsonReader(payload);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_finalKeys.Contains(reader.GetString()!))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    public bool IsFinal(string key) => _finalKeys?.Contains(key) ?? false;

    /// <summary>The action's code with everything that decides which process may run it, for one caller.</summary>
    public CallerAction SandboxedFor(NamespaceIdentity caller, Func<Uri> apiHost)
    {
        if (_lastSandboxed is { } last && last.Caller == caller)
        {
            return last;
        }

        var action = new SandboxedAction
        {
            Id = string.Create(
                CultureInfo.InvariantCulture,
                $"{caller.Name}:{Action.Name.Path}@{Action.Version}#{Action.Revision}{_environmentStamp}"),
            Owner = caller.Name,
            Kind = Action.Exec.Kind,
            Code = Action.Exec.Code,
            IsBinary = Action.Exec.IsBinary,
            Main = Action.Exec.Main,
            Environment = Environment(caller, apiHost()),
            Timeout = TimeSpan.FromMilliseconds(Action.Limits.TimeoutMs),
            MemoryMb = Action.Limits.MemoryMb,
            LogBytesMax = Action.Limits.LogsMb * 1024 * 1024,
            Concurrency = Action.Limits.Concurrency,
        };
        var made = new CallerAction(caller, action, Context(caller));
        _lastSandboxed = made;
        return made;
    }

    /// <summary>Upstream gives the key to actions that ask for it, and to old ones that never said.</summary>
    public bool ProvidesApiKey =>
        Action.Annotations.Find("provide-api-key") is null || Action.Annotations.IsTruthy("provide-api-key");

    private Dictionary<string, string> Context(NamespaceIdentity caller)
    {
        var context = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["namespace"] = caller.Name,
            ["action_name"] = Action.Name.ToString(),
            ["action_version"] = Action.Version,
        };
        if (ProvidesApiKey)
        {
            context["api_key"] = $"{caller.Uuid}:{caller.Key}";
        }

        return context;
    }

    private Dictionary<string, string> Environment(NamespaceIdentity caller, Uri apiHost)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["__OW_API_HOST"] = apiHost.ToString().TrimEnd('/'),
            ["__OW_NAMESPACE"] = caller.Name,
            ["__OW_ACTION_NAME"] = Action.Name.ToString(),
            ["__OW_ACTION_VERSION"] = Action.Version,
        };
        if (ProvidesApiKey)
        {
            environment["__OW_API_KEY"] = $"{caller.Uuid}:{caller.Key}";
        }

        foreach (var parameter in _initParameters.Items)
        {
            environment[parameter.Key] = parameter.Value.ValueKind switch
            {
                JsonValueKind.String => parameter.Value.GetString()!,
                JsonValueKind.Null => "",
                _ => Encoding.UTF8.GetString(Json.Write(parameter.Value.WriteTo)),
            };
        }

        return environment;
    }
}
