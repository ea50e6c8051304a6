using System.Data.Common;
using System.Diagnostics;
using System.Text;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Signalbox.Bench;

/// <summary>The resident memory of a server with 1,000,000 due deliveries to a dead endpoint, above that of one with none.</summary>
internal sealed class BacklogMemory : IBenchmark
{
    private const int Waiting = 1_000_000;
    private const string EventCode = "bench.backlog";
    private const double AllowedMb = 100;

    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(15);

    public string Name => "backlog-memory";

    public string Description => "resident memory with 1,000,000 waiting deliveries above that with none / 100 MB";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await using var webhook = await Webhook.StartAsync(cancellationToken);
        var provider = await server.CreateWebhookRegistrationAsync(EventCode, new Uri(webhook.Url, "/dead"), "webhook", cancellationToken);
        await server.RestartAsync(() => Task.CompletedTask, cancellationToken);
        await Task.Delay(_settling, cancellationToken);
        var empty = server.ResidentMb();
        var start = TimeSpan.Zero;
        var begun = 0L;
        await server.RestartAsync(
            async () =>
            {
                await FillAsync(server, provider, cancellationToken);
                begun = Stopwatch.GetTimestamp();
            },
            cancellationToken);
        start = Stopwatch.GetElapsedTime(begun);
        await Task.Delay(_settling, cancellationToken);
        var full = server.ResidentMb();
        await Console.Error.WriteLineAsync($"  ready {start.TotalSeconds:N1} s after the start; {full:N0} MB, without a backlog {empty:N0} MB");
        return new BenchResult(Name, Math.Max(0, full - empty), AllowedMb, "MB", Goal: 1, MoreIsBetter: false);
    }

    private static async Task FillAsync(ServerProcess server, string provider, CancellationToken cancellationToken)
    {
        await using DbConnection connection = server.ConnectionString is { } postgres
            ? new NpgsqlConnection(postgres)
            : new SqliteConnection($"Data Source={Path.Combine(server.Data, "signalbox.db")};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 600;
        command.CommandText = $"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Waiting})
            INSERT INTO events (event_seq, event_id, provider_id, event_code, payload, received_at)
            SELECT 1000 + i, '00000000-0000-4000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), @provider, @code, @payload, @now FROM n;
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Waiting})
            INSERT INTO deliveries (registration_key, event_seq, next_attempt_at)
            SELECT (SELECT MIN(registration_key) FROM registrations), 1000 + i, @now FROM n;
            UPDATE counters SET value = {Waiting + 2_000} WHERE name = 'event_seq';
            """;
        Add(command, "provider", provider);
        Add(command, "code", EventCode);
        Add(command, "payload", Encoding.UTF8.GetBytes(Publish.CloudEvent(provider, EventCode).Replace("@SEQ@", "1", StringComparison.Ordinal)));
        Add(command, "now", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
