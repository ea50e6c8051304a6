namespace Signalbox.Bench;

/// <summary>SQL statements of all kinds (reads, writes, BEGIN and COMMIT) for each event that was published and delivered.</summary>
internal sealed class SqlPerEvent : IBenchmark
{
    private const string EventCode = "bench.sql";
    private const string Statements = "signalbox_storage_statements";
    private const string Delivered = "signalbox_events_delivery_delivered";

    public string Name => "sql-per-event";

    public string Description => "SQL statements for each event published and delivered to a webhook / 1";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await using var webhook = await Webhook.StartAsync(cancellationToken);
        var provider = await server.CreateWebhookRegistrationAsync(EventCode, webhook.Hook, "webhook", cancellationToken);
        await Deliveries.RoundAsync(server, provider, EventCode, connections: 16, TimeSpan.FromSeconds(3), cancellationToken);
        var statements = await server.CounterAsync(Statements, string.Empty, cancellationToken);
        var events = await server.CounterAsync(Delivered, string.Empty, cancellationToken);
        await Deliveries.RoundAsync(server, provider, EventCode, connections: 16, TimeSpan.FromSeconds(6), cancellationToken);
        statements = await server.CounterAsync(Statements, string.Empty, cancellationToken) - statements;
        events = await server.CounterAsync(Delivered, string.Empty, cancellationToken) - events;
        return new BenchResult(Name, statements / events, 1, "statements", Goal: 1, MoreIsBetter: false);
    }
}
