using Npgsql;

namespace Signalbox.Storage;

/// <summary>Where Signalbox keeps its data. Bound from the configuration section <c>Storage</c>.</summary>
public sealed record StorageOptions
{
    /// <summary>The folder that holds the embedded database (<c>signalbox.db</c>) and the key ring (<c>keys/</c>).</summary>
    public required string DataDirectory { get; init; }

    /// <summary>
    /// A PostgreSQL connection string (<c>Host=…;Database=…;Username=…</c>). Absent: the embedded SQLite database
    /// in <see cref="DataDirectory"/>. The key ring stays in the folder in both cases.
    /// </summary>
    public string? PostgresConnectionString { get; init; }

    /// <summary>Write operations that may wait for a commit; callers beyond it wait for a place. 1 to 1,000,000.</summary>
    public int WriteQueueLength { get; init; } = 16_384;

    /// <summary>Write operations that one commit may carry. 1 to 65,536.</summary>
    public int OperationsPerCommitMax { get; init; } = 1_024;

    /// <exception cref="FormatException">A value that cannot be used; the message names it.</exception>
    public void Validate()
    {
        Check(WriteQueueLength, 1_000_000, nameof(WriteQueueLength));
        Check(OperationsPerCommitMax, 65_536, nameof(OperationsPerCommitMax));
        if (PostgresConnectionString is { Length: > 0 } connectionString && FindFault(connectionString) is { } fault)
        {
            // The text itself may hold a password.
            throw new FormatException($"Storage:PostgresConnectionString cannot be used: {fault} Write it as Host=…;Database=…;Username=…;Password=….");
        }
    }

    private static string? FindFault(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString).Host is { Length: > 0 } ? null : "It names no Host.";
        }
        catch (ArgumentException exception)
        {
            return exception.Message;
        }
    }

    private static void Check(int value, int max, string name)
    {
        if (value < 1 || value > max)
        {
            throw new FormatException($"Storage:{name} is {value}. It must be from 1 to {max}.");
        }
    }
}
