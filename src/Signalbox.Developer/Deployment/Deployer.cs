using System.Diagnostics;
using System.Net;
using Signalbox.Developer.Connection;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Deployment;

/// <summary>Puts a plan on the server: all of it the first time, then what has changed. One line for each thing that it does.</summary>
internal sealed class Deployer(RuntimeClient client, string @namespace, bool prunes, Screen screen)
{
    private readonly Dictionary<string, (PlannedEntity Entity, bool IsDeployed)> _known = new(StringComparer.Ordinal);

    /// <summary>The names of the actions and sequences that are watched.</summary>
    public IReadOnlySet<string> Names { get; private set; } = new HashSet<string>();

    /// <summary>True when everything is on the server as planned.</summary>
    public async Task<bool> DeployAsync(IReadOnlyList<PlannedEntity> plan, CancellationToken cancellationToken)
    {
        Names = plan.Where(entity => entity.Sort != "package").Select(entity => entity.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var entity in plan)
        {
            if (_known.TryGetValue(entity.Path, out var before) && before.IsDeployed && before.Entity.Hash == entity.Hash)
            {
                continue;
            }

            _known[entity.Path] = (entity, await DeployAsync(entity, isChange: before.IsDeployed, cancellationToken));
        }

        await ForgetAsync(plan, cancellationToken);
        return _known.Values.All(known => known.IsDeployed);
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
