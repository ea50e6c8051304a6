using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Signalbox.Bench;
using Signalbox.Bench.Filters;
using Signalbox.Bench.Ingress;
using Signalbox.Bench.Journal;

if (args is ["serve-reference", var port])
{
    await Publish.ServeReferenceAsync(int.Parse(port, CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["serve-webhook", var webhookPort, var hookPort])
{
    await Webhook.ServeAsync(int.Parse(webhookPort, CultureInfo.InvariantCulture), int.Parse(hookPort, CultureInfo.InvariantCulture));
    return 0;
}

IBenchmark[] all =
[
    new WarmInvoke(), new WarmLatency(), new ColdStart(), new Redeploy(), new ManyActions(), new SandboxMemory(),
    new Publish(), new PublishLatency(), new PublishFanout(), new DeliverWebhook(), new DeliverAction(), new DeliverBatch(), new PublishToAction(),
    new DeadEndpoint(), new BacklogMemory(), new SqlPerEvent(),
    new IngressParse(), new JournalRead(), new JournalRetention(), .. FilterMatching.All,
];
var names = new Argument<string[]>("name") { Description = string.Join("\n", all.Select(b => $"{b.Name}: {b.Description}")), Arity = ArgumentArity.ZeroOrMore };
names.AcceptOnlyFromAmong([.. all.Select(b => b.Name)]);
var json = new Option<string>("--json") { Description = "Also write the results to FILE as an array of {name, value, reference, ratio, unit}", HelpName = "FILE" };
var program = new Option<string>("--server") { Description = "The server's program (signalbox.dll)", Required = true, HelpName = "FILE" };
var database = new Option<string>("--database") { Description = "sqlite, or postgres: a PostgreSQL server of the run's own", DefaultValueFactory = _ => "sqlite" };
database.AcceptOnlyFromAmong("sqlite", "postgres");
var root = new RootCommand("Measures Signalbox against references of the same run") { names, json, program, database };
root.SetAction(async (parsed, cancellationToken) =>
{
    var chosen = parsed.GetValue(names) is { Length: > 0 } some ? all.Where(b => some.Contains(b.Name)).ToArray() : all;
    var results = new List<BenchResult>();
    await using var cluster = parsed.GetValue(database) == "postgres" ? await PostgresCluster.StartAsync(cancellationToken) : null;
    foreach (var benchmark in chosen)
    {
        await Console.Error.WriteLineAsync($"{benchmark.Name}: {benchmark.Description} ...");
        // Each on a server and data directory of its own, so that none pays for what another left behind.
        var connectionString = cluster is null || !benchmark.NeedsServer ? null : await cluster.CreateDatabaseAsync(cancellationToken);
        await using var server = benchmark.NeedsServer ? await ServerProcess.StartAsync(parsed.GetValue(program)!, connectionString, cancellationToken) : null;
        results.Add(await benchmark.RunAsync(server!, cancellationToken));
    }

    Console.WriteLine(Table.Of(results));
    if (parsed.GetValue(json) is { } file)
    {
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(results.Select(r => new { name = r.Name, value = r.Value, reference = r.Reference, ratio = r.Ratio, unit = r.Unit })), cancellationToken);
    }

    return 0;
});
return await root.Parse(args).InvokeAsync();
