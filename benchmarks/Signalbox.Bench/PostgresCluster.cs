using Npgsql;

namespace Signalbox.Bench;

/// <summary>A PostgreSQL server of the run's own, with its default durability, reachable through a Unix socket only.</summary>
internal sealed class PostgresCluster : IAsyncDisposable
{
    private const string Binaries = "/usr/lib/postgresql";

    private readonly ChildProcess _process;
    private readonly string _folder;
    private int _databases;

    private PostgresCluster(ChildProcess process, string folder) => (_process, _folder) = (process, folder);

    public static async Task<PostgresCluster> StartAsync(CancellationToken cancellationToken)
    {
        var binaries = Directory.Exists(Binaries)
            ? Directory.GetDirectories(Binaries).OrderDescending(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin")).FirstOrDefault()
            : null;
        if (binaries is null)
        {
            throw new InvalidOperationException($"No PostgreSQL server below {Binaries}. Install it: apt-get install postgresql");
        }

        var folder = Directory.CreateTempSubdirectory("signalbox-bench-pg-").FullName;
        var data = Path.Combine(folder, "data");
        string[] prefix = [];
        if (Environment.UserName == "root")
        {
            // PostgreSQL refuses to run as root; the package brings a user of its own.
            await ChildProcess.RunAsync("chown", ["postgres:postgres", folder], null, cancellationToken);
            prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
        }

        string[] init = [.. prefix, Path.Combine(binaries, "initdb"), "-D", data, "-U", "signalbox", "-A", "trust", "-E", "UTF8", "--locale=C"];
        await ChildProcess.RunAsync(init[0], init[1..], null, cancellationToken);
        string[] run = [.. prefix, Path.Combine(binaries, "postgres"), "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "max_connections=200"];
        return new PostgresCluster(await ChildProcess.StartAsync(run[0], run[1..], "ready to accept connections", cancellationToken), folder);
    }

    /// <summary>Creates an empty database; its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var name = $"bench_{++_databases}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync(cancellationToken);
        return ConnectionString(name);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string ConnectionString(string database) => $"Host={_folder};Username=signalbox;Database={database};Maximum Pool Size=60";
}
