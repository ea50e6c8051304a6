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
}
