namespace Signalbox.Bench;

/// <summary>The p99 from publish to arrival at a live webhook, beside a dead one with 100,000 waiting deliveries, and without.</summary>
internal sealed class DeadEndpoint : IBenchmark
{
    private const int Waiting = 100_000;
    private const double PerSecond = 50;
    private const string Live = "bench.live";
    private const string Dead = "bench.dead";
    private const string Published = "signalbox_events_published";

    private static readonly TimeSpan _measured = TimeSpan.FromSeconds(15);

    public string Name => "dead-endpoint";

    public string Description => "p99 to a live webhook beside a dead one with 100,000 waiting deliveries / without it";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await using var webhook = await Webhook.StartAsync(cancellationToken);
        var live = await server.CreateWebhookRegistrationAsync(Live, new Uri(webhook.Url, "/timed"), "webhook", cancellationToken);
        var dead = await server.CreateWebhookRegistrationAsync(Dead, new Uri(webhook.Url, "/dead"), "webhook", cancellationToken);
        await MeasureAsync(server, webhook, live, cancellationToken);
        var alone = await MeasureAsync(server, webhook, live, cancellationToken);
        var before = await server.CounterAsync(Published, string.Empty, cancellationToken);
        while (await server.CounterAsync(Published, string.Empty, cancellationToken) - before < Waiting)
        {
            await Wrk.PostAsync(
                new Uri(server.Url, "/ingress"), Publish.CloudEvent(dead, Dead), server.PublishHeaders, 64, TimeSpan.FromSeconds(3), cancellationToken);
        }

        await MeasureAsync(server, webhook, live, cancellationToken);
        var beside = await MeasureAsync(server, webhook, live, cancellationToken);
        return new BenchResult(Name, beside, alone, "ms", Goal: 1.2, MoreIsBetter: false);
    }

    private static async Task<double> MeasureAsync(ServerProcess server, Webhook webhook, string provider, CancellationToken cancellationToken)
    {
        await webhook.TakeAgesAsync(cancellationToken);
        await TimedPublisher.PublishAsync(server, provider, Live, PerSecond, _measured, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        return TimedPublisher.Percentile(await webhook.TakeAgesAsync(cancellationToken), 0.99);
    }
}
