using System.Diagnostics;
using System.Net;
using Signalbox.Developer.Connection;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Deployment;

/// <summary>Puts a plan on the server: all of it the first time, then what has changed. One line for each thing that it does.</summary>
/// <param name="loads">Has the server load what was deployed, and says what does not load.</param>
internal sealed class Deployer(RuntimeClient client, string @namespace, bool prunes, bool loads, Screen screen)
{
    private readonly Dictionary<string, (PlannedEntity Entity, bool IsDeployed)> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);

    /// <summary>The names of the actions and sequences that are watched.</summary>
    public IReadOnlySet<string> Names { get; private set; } = new HashSet<string>();

    /// <summary>True when everything is on the server as planned, and all code loads.</summary>
    public async Task<bool> DeployAsync(IReadOnlyList<PlannedEntity> plan, CancellationToken cancellationToken)
    {
        Names = plan.Where(entity => entity.Sort != "package").Select(entity => entity.Name).ToHashSet(StringComparer.Ordinal);
        var changed = new List<PlannedEntity>();
        foreach (var entity in plan)
        {
            if (_known.TryGetValue(entity.Path, out var before) && before.IsDeployed && before.Entity.Hash == entity.Hash)
            {
                continue;
            }

            var isDeployed = await DeployAsync(entity, isChange: before.IsDeployed, cancellationToken);
            _known[entity.Path] = (entity, isDeployed);
            _broken.Remove(entity.Path);
            if (isDeployed && entity.Kind is not null && loads)
            {
                changed.Add(entity);
            }
        }

        await ForgetAsync(plan, cancellationToken);
        await Parallel.ForEachAsync(changed, cancellationToken, LoadAsync);
        return _broken.Count == 0 && _known.Values.All(known => known.IsDeployed);
    }

    /// <summary>An error in the code shows here, and not only when something invokes the action; what loads is warm for that.</summary>
    private async ValueTask LoadAsync(PlannedEntity entity, CancellationToken cancellationToken)
    {
        if (await client.FindLoadFaultAsync(entity.Name, cancellationToken) is not { } fault)
        {
            return;
        }

        lock (_broken)
        {
            _broken.Add(entity.Path);
        }

        var lines = SourceLines.Locate(fault, entity.Sources).Split('\n').Select(line => screen.Red(Screen.Harmless(line)));
        Say(screen.Red("broken    "), entity, "does not load:\n  " + string.Join("\n  ", lines));
    }

    private async Task<bool> DeployAsync(PlannedEntity entity, bool isChange, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var fault = entity.Fault;
        if (entity.Body is not null)
        {
            var answer = await client.SendAsync(HttpMethod.Put, entity.Path + "?overwrite=true", entity.Body, cancellationToken);
            fault = answer.Status == HttpStatusCode.OK ? null : RuntimeClient.ErrorOf(answer);
        }

        if (fault is not null)
        {
            Say(screen.Red("failed    "), entity, screen.Red(Screen.Harmless(fault)));
            return false;
        }

        var url = entity.IsWeb ? "  " + screen.Cyan(WebUrl(entity.Name)) : "";
        Say(isChange ? screen.Green("redeployed") : screen.Green("deployed  "), entity, screen.Dim($"{entity.Detail}  {watch.ElapsedMilliseconds} ms".TrimStart()) + url);
        return true;
    }

    private async Task ForgetAsync(IReadOnlyList<PlannedEntity> plan, CancellationToken cancellationToken)
    {
        var paths = plan.Select(entity => entity.Path).ToHashSet(StringComparer.Ordinal);
        // Sequences before the actions they are made of, packages last.
        foreach (var gone in _known.Values.Where(known => !paths.Contains(known.Entity.Path)).OrderBy(known => known.Entity.Sort switch { "sequence" => 0, "action" => 1, _ => 2 }).ToArray())
        {
            _known.Remove(gone.Entity.Path);
            _broken.Remove(gone.Entity.Path);
            if (!prunes)
            {
                Say(screen.Yellow("kept      "), gone.Entity, screen.Yellow("no longer in the manifest, still on the server; 'dev --prune' removes such"));
                continue;
            }

            var answer = await client.SendAsync(HttpMethod.Delete, gone.Entity.Path, null, cancellationToken);
            Say(screen.Yellow("removed   "), gone.Entity, answer.Status is HttpStatusCode.OK or HttpStatusCode.NotFound ? "no longer in the manifest" : screen.Red(RuntimeClient.ErrorOf(answer)));
        }
    }

    private void Say(string what, PlannedEntity entity, string detail) =>
        screen.Line($"{screen.Dim(DateTime.Now.ToString("HH:mm:ss.fff", System.Globalization.CultureInfo.InvariantCulture))}  {what} {entity.Sort,-8} {screen.Bold(entity.Name)}  {detail}");

    private string WebUrl(string name) =>
        $"{client.Url}/api/v1/web/{@namespace}/{(name.Contains('/', StringComparison.Ordinal) ? name : "default/" + name)}";
}
