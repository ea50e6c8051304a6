using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Signalbox.Storage;

/// <summary>The embedded database: one file in WAL mode, <c>synchronous=FULL</c>, one writer, many readers.</summary>
internal sealed class SqliteEngine(string databasePath) : IDatabaseEngine
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteConstraintPrimaryKey = 1555;
    private const int SqliteConstraintUnique = 2067;

    private readonly string _readerConnectionString = new SqliteConnectionStringBuilder
    {
        DataSource = databasePath,
        Mode = SqliteOpenMode.ReadOnly,
        DefaultTimeout = 30,
    }.ToString();

    private readonly string _writerConnectionString = new SqliteConnectionStringBuilder
    {
        DataSource = databasePath,
        Mode = SqliteOpenMode.ReadWriteCreate,
        Pooling = false,
        DefaultTimeout = 30,
    }.ToString();

    /// <summary>The database of a data directory.</summary>
    public static string FileOf(StorageOptions options) => Path.Combine(options.DataDirectory, "signalbox.db");

    public string Name => "sqlite";

    public string Place => Path.GetFullPath(databasePath);

    public string Key64Type => "INTEGER";

    public int WriterLanes => 1;

    public void Prepare()
    {
        var folder = Path.GetDirectoryName(databasePath)!;
        Directory.CreateDirectory(folder);
        if (new FileInfo(databasePath) is { Exists: true, Length: 0 } && KeyRing.HasKey(Path.Combine(folder, "keys")))
        {
            // A key is made after the file was given its first page. SQLite would also throw the log beside an empty file away.
            throw new InvalidDataException(
                $"The database '{Path.GetFullPath(databasePath)}' is empty (0 bytes), although the keys of an earlier start lie beside it: what it held is gone. "
                + $"{StorageFault.RestoreAdvice}. To begin anew without it, remove the file");
        }

        // The file must exist, in WAL mode, before the first read-only connection looks for it.
        using var connection = OpenWriter();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(databasePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public void Hold(ILogger logger)
    {
    }

    public void EnsureHeld()
    {
    }

    public Task<long?> MeasureAsync(CancellationToken cancellationToken)
    {
        long total = 0;
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            var file = new FileInfo(databasePath + suffix);
            total += file.Exists ? file.Length : 0;
        }

        return Task.FromResult<long?>(total);
    }

    public async ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_readerConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    public DbConnection OpenWriter()
    {
        var connection = new SqliteConnection(_writerConnectionString);
        connection.Open();
        using var pragmas = connection.CreateCommand();
        // auto_vacuum only takes on an empty file; journal_size_limit gives space back after a burst.
        pragmas.CommandText = """
            PRAGMA auto_vacuum = INCREMENTAL;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = ON;
            PRAGMA journal_size_limit = 67108864;
            PRAGMA cache_size = -65536;
            PRAGMA temp_store = MEMORY;
            """;
        pragmas.ExecuteNonQuery();
        return connection;
    }

    public DbTransaction BeginWrite(DbConnection connection) =>
        // "Immediate" takes the write lock at once, so that a later upgrade cannot fail.
        ((SqliteConnection)connection).BeginTransaction(deferred: false);

    public void LockForMigration(DbConnection connection, DbTransaction transaction)
    {
        // The write transaction itself is the lock.
    }

    public bool IsTransient(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked };

    public bool IsUniqueViolation(Exception exception) =>
        exception is SqliteException
        {
            SqliteExtendedErrorCode: SqliteConstraintPrimaryKey or SqliteConstraintUnique,
        };

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearPool(new SqliteConnection(_readerConnectionString));
        return ValueTask.CompletedTask;
    }
}
