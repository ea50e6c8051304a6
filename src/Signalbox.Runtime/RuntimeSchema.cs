using Signalbox.Storage;

namespace Signalbox.Runtime;

/// <summary>The room's tables.</summary>
internal static class RuntimeSchema
{
    public static MigrationSet Migrations { get; } = new(
        "runtime",
        [
            // "package" is empty in the default package: NULLs would not be kept unique.
            // "parameters" is encrypted. "revision" names one state of a row, for caches of other nodes.
            new Migration(1, "entities and activations", """
                CREATE TABLE runtime_entities (
                  namespace TEXT NOT NULL, package TEXT NOT NULL, name TEXT NOT NULL, collection TEXT NOT NULL,
                  version TEXT NOT NULL, publish BOOLEAN NOT NULL, annotations TEXT NOT NULL, parameters TEXT NOT NULL,
                  updated BIGINT NOT NULL, revision BIGINT NOT NULL,
                  timeout_ms INTEGER NOT NULL, memory_mb INTEGER NOT NULL, logs_mb INTEGER NOT NULL, concurrency INTEGER NOT NULL,
                  kind TEXT NOT NULL, main TEXT, is_binary BOOLEAN NOT NULL, components TEXT NOT NULL, code TEXT NOT NULL,
                  binding_namespace TEXT, binding_name TEXT,
                  PRIMARY KEY (namespace, package, name));
                CREATE INDEX runtime_entities_by_update ON runtime_entities (namespace, collection, updated);
                CREATE TABLE runtime_activations (
                  id TEXT NOT NULL PRIMARY KEY, namespace TEXT NOT NULL, package TEXT NOT NULL, name TEXT NOT NULL,
                  version TEXT NOT NULL, subject TEXT NOT NULL, cause TEXT, start_ms BIGINT NOT NULL, end_ms BIGINT NOT NULL,
                  duration_ms BIGINT NOT NULL, status INTEGER NOT NULL, result_size INTEGER NOT NULL,
                  result BYTEA NOT NULL, logs BYTEA NOT NULL, annotations BYTEA NOT NULL);
                CREATE INDEX runtime_activations_by_start ON runtime_activations (namespace, start_ms, id);
                CREATE INDEX runtime_activations_by_name ON runtime_activations (namespace, name, start_ms);
                CREATE INDEX runtime_activations_by_age ON runtime_activations (start_ms);
                """),
            // The retention finds the oldest of each namespace by runtime_activations_by_start: one index less for every record.
            new Migration(2, "activations by age within their namespace", "DROP INDEX runtime_activations_by_age"),
        ]);
}
