using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Signalbox.Testing;

/// <summary>
/// A PostgreSQL server of the test process's own, from Debian's packages: started on first use in a temporary folder,
/// as a non-root user, reachable through a Unix socket only, and ended with the process.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private static readonly Lazy<PostgresServer> _instance = new(() => new PostgresServer());

    private readonly string _socketFolder;
    private readonly string[] _command;
    private readonly string _root;
    private Process _server;
    private int _databases;

    private PostgresServer(bool isDurable = false)
    {
        var binaries = FindBinaries();
        var root = _root = Directory.CreateTempSubdirectory("signalbox-pg-").FullName;
        _socketFolder = Path.Combine(root, "socket");
        var data = Path.Combine(root, "data");
        Directory.CreateDirectory(_socketFolder);
        var prefix = Array.Empty<string>();
        if (Environment.UserName == "root")
        {
            // PostgreSQL refuses to run as root; the package brings a user of its own.
            RunToEnd("chown", "-R", "postgres:postgres", root);
            prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=INT"];
        }

        RunToEnd([.. prefix, Path.Combine(binaries, "initdb"), "-D", data, "-U", "signalbox", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]);

        _command =
        [
            .. prefix, Path.Combine(binaries, "postgres"), "-D", data, "-k", _socketFolder,
            "-c", "listen_addresses=", "-c", isDurable ? "fsync=on" : "fsync=off", "-c", "max_connections=400",
        ];
        _server = StartLeashed();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        WaitUntilReady(_server);
    }

    /// <summary>A server of the test's own, which keeps its word about <c>fsync</c> and may be broken.</summary>
    public static PostgresServer StartOwn() => new(isDurable: true);

    /// <summary>Ends every connection to the server's databases, as <c>pg_terminate_backend</c> does.</summary>
    public void CutConnections()
    {
        using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
        command.ExecuteNonQuery();
    }

    /// <summary>Ends the server at once, as a crash does, and starts it again: it recovers from its log.</summary>
    public void CrashAndRestart()
    {
        Signal("QUIT");
        _server.WaitForExit();
        _server.Dispose();
        _server = StartLeashed();
        WaitUntilReady(_server);
    }

    public void Dispose()
    {
        if (!Directory.Exists(_root))
        {
            return;
        }

        Signal("INT");
        _server.WaitForExit(5_000);
        Directory.Delete(_root, recursive: true);
    }

    private void Signal(string signal) => RunToEnd("kill", $"-{signal}", _server.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>The kernel's parent-death signal follows the thread that forked: this one lives as long as the server.</summary>
    private Process StartLeashed()
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var keeper = new Thread(() =>
        {
            var server = Start(_command);
            started.SetResult(server);
            try
            {
                server.WaitForExit();
            }
            catch (InvalidOperationException)
            {
                // It was restarted, and this handle closed.
            }
        })
        { IsBackground = true, Name = "postgres-keeper" };
        keeper.Start();
        return started.Task.GetAwaiter().GetResult();
    }

    /// <summary>The one server of this process.</summary>
    public static PostgresServer Instance => _instance.Value;

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public string CreateDatabase()
    {
        var name = "test_" + Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture);
        using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        command.ExecuteNonQuery();
        return ConnectionString(name);
    }

    private string ConnectionString(string database) =>
        $"Host={_socketFolder};Username=signalbox;Database={database};Maximum Pool Size=20";

    private void WaitUntilReady(Process server)
    {
        var deadline = Stopwatch.GetTimestamp() + (30 * Stopwatch.Frequency);
        while (true)
        {
            try
            {
                using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
                connection.Open();
                return;
            }
            catch (NpgsqlException) when (Stopwatch.GetTimestamp() < deadline && !server.HasExited)
            {
                Thread.Yield();
            }
        }
    }

    private static string FindBinaries()
    {
        const string root = "/usr/lib/postgresql";
        var found = Directory.Exists(root)
            ? Directory.GetDirectories(root).Select(d => Path.Combine(d, "bin")).Where(b => File.Exists(Path.Combine(b, "initdb")))
                .OrderDescending(StringComparer.Ordinal).FirstOrDefault()
            : null;
        return found ?? throw new InvalidOperationException(
            $"No PostgreSQL server below {root}. Install it: apt-get install postgresql");
    }

    private static Process Start(string[] command)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static void RunToEnd(params string[] command)
    {
        using var process = Start(command);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{string.Join(' ', command)}' ended with {process.ExitCode}");
        }
    }
}
