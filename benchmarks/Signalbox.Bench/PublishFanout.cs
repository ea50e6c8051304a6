using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Signalbox.Bench;

/// <summary>
/// What it costs a publish that 9,999 registrations of its event do not want it: their filters do not match, that of one
/// does. The reference publishes to a provider with one registration, in the same server.
/// </summary>
internal sealed class PublishFanout : IBenchmark
{
    private const int Registrations = 10_000;
    private const int Connections = 16;
    private const string Crowded = "bench.fanout";
    private const string Alone = "bench.alone";

    public string Name => "publish-fanout";

    public string Description => $"publishes to {Registrations:N0} registrations of which one matches / to one registration; at most 1.5 times the time";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var crowded = await server.CreateRegistrationAsync(Crowded, runtimeAction: null, cancellationToken);
        var alone = await server.CreateRegistrationAsync(Alone, runtimeAction: null, cancellationToken);
        await server.RestartAsync(() => FillAsync(server, crowded, cancellationToken), cancellationToken);
        var url = new Uri(server.Url, "/ingress");
        var rates = await Rounds.CompareAsync(
            Name,
            "",
            goal: 0,
            duration => Wrk.PostAsync(url, Publish.CloudEvent(crowded, Crowded), server.PublishHeaders, Connections, duration, cancellationToken),
            duration => Wrk.PostAsync(url, Publish.CloudEvent(alone, Alone), server.PublishHeaders, Connections, duration, cancellationToken));
        return new BenchResult(Name, 1e6 / rates.Value, 1e6 / rates.Reference, "us/event", Goal: 1.5, MoreIsBetter: false);
    }

    /// <summary>Copies the one registration 9,999 times, and gives each of them all a filter; only the first one's matches.</summary>
    private static async Task FillAsync(ServerProcess server, string provider, CancellationToken cancellationToken)
    {
        await using DbConnection connection = server.ConnectionString is { } postgres
            ? new NpgsqlConnection(postgres)
            : new SqliteConnection($"Data Source={Path.Combine(server.Data, "signalbox.db")};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 600;
        command.CommandText = $"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Registrations - 1})
            INSERT INTO registrations (registration_key, registration_id, organization_id, project_id, workspace_id, client_id, credential_id,
              name, description, delivery_type, enabled, webhook_status, created_at, updated_at, measured_since)
            SELECT 1000 + i, '00000000-0000-4000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), organization_id, project_id, workspace_id,
              client_id, credential_id, 'Crowd ' || CAST(i AS TEXT), '', 'journal', enabled, webhook_status, created_at, updated_at, measured_since
            FROM registrations, n WHERE name = '{Crowded}';
            INSERT INTO interests (registration_key, position, provider_id, event_code)
            SELECT registration_key, 0, @provider, '{Crowded}' FROM registrations WHERE registration_key >= 1000;
            INSERT INTO subscriber_filters (registration_key, filter_id, name, description, filter_text)
            SELECT registration_key, registration_id, 'Filter', '',
              @before || CASE WHEN registration_key < 1000 THEN 'NL' ELSE 'N' || CAST(registration_key AS TEXT) END || @after
            FROM registrations WHERE name <> '{Alone}';
            UPDATE counters SET value = 1000000 WHERE name = 'registration_key';
            """;
        Add(command, "provider", provider);
        Add(command, "before", "{\"data\":{\"customer\":{\"country\":[\"");
        Add(command, "after", "\"]}}}");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Add(DbCommand command, string name, string value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
