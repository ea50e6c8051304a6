using Dapper;
using Signalbox.Runtime.Actions;
using Signalbox.Storage;

namespace Signalbox.Runtime.Entities;

/// <summary>The table of users' actions and packages.</summary>
internal sealed class EntityStore(Database database, SecretProtector secrets)
{
    private const string SummaryColumns =
        """
        namespace AS Namespace, package AS Package, name AS Name, collection AS Collection, version AS Version,
        publish AS Publish, annotations AS Annotations, updated AS Updated, revision AS Revision,
        timeout_ms AS TimeoutMs, memory_mb AS MemoryMb, logs_mb AS LogsMb, concurrency AS Concurrency,
        kind AS Kind, main AS Main, is_binary AS IsBinary,
        binding_namespace AS BindingNamespace, binding_name AS BindingName
        """;

    private const string SelectOne =
        $"""
        SELECT {SummaryColumns}, parameters AS Parameters, components AS Components, code AS Code
        FROM runtime_entities WHERE namespace = @Namespace AND package = @Package AND name = @Name
        """;

    public Database Database => database;

    public async Task<Entity?> FindAsync(EntityName name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<EntityRow>(SelectOne, Key(name));
        return row?.ToEntity(secrets);
    }

    /// <summary>Entities without parameters and code, most recently updated first.</summary>
    /// <param name="package">Null: of all packages; empty: of the default package.</param>
    /// <param name="onlyShared">Only published packages that are no bindings.</param>
    public async Task<IReadOnlyList<Entity>> ListAsync(
        string @namespace, string collection, string? package, bool onlyShared, int limit, int skip, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<EntityRow>(
            $"""
            SELECT {SummaryColumns} FROM runtime_entities {Where(package, onlyShared)}
            ORDER BY updated DESC, package, name LIMIT @limit OFFSET @skip
            """,
            new { @namespace, collection, package, limit, skip });
        return [.. rows.Select(row => row.ToEntity(secrets))];
    }

    /// <summary>A page of a namespace's actions without parameters and code, by package and name.</summary>
    /// <param name="text">A part of <c>package/name</c>, in any case.</param>
    /// <param name="beyond">Where the page before ended.</param>
    /// <param name="backwards">From there towards the first, the nearest first.</param>
    public async Task<IReadOnlyList<ActionEntity>> ListActionsAsync(
        string @namespace, string? text, (string Package, string Name)? beyond, bool backwards, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var (comparison, order) = backwards ? ("<", "DESC") : (">", "ASC");
        var rows = await connection.QueryAsync<EntityRow>(
            $"""
            SELECT {SummaryColumns} FROM runtime_entities WHERE namespace = @namespace AND collection = 'actions'
            {(beyond is null ? "" : $"AND (package, name) {comparison} (@package, @name)")}
            {(string.IsNullOrEmpty(text) ? "" : @"AND LOWER(package || '/' || name) LIKE @pattern ESCAPE '\'")}
            ORDER BY package {order}, name {order} LIMIT @limit
            """,
            new { @namespace, package = beyond?.Package, name = beyond?.Name, pattern = PatternOf(text), limit });
        return [.. rows.Select(row => (ActionEntity)row.ToEntity(secrets))];
    }

    public async Task<long> CountAsync(
        string @namespace, string collection, string? package, bool onlyShared, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(
            $"SELECT COUNT(*) FROM runtime_entities {Where(package, onlyShared)}", new { @namespace, collection, package });
    }

    public Entity? Find(WriteSession session, EntityName name) =>
        session.QuerySingleOrDefault<EntityRow>(SelectOne, Key(name))?.ToEntity(secrets);

    /// <summary>The names of the actions that stand in a package; an empty text is the default package.</summary>
    public static IReadOnlyList<string> ActionNames(WriteSession session, string @namespace, string package) =>
        session.Query<string>(
            "SELECT name FROM runtime_entities WHERE namespace = @namespace AND package = @package AND collection = 'actions'",
            new { @namespace, package });

    public void Insert(WriteSession session, Entity entity) =>
        session.Execute(
            """
            INSERT INTO runtime_entities (namespace, package, name, collection, version, publish, annotations, parameters,
              updated, revision, timeout_ms, memory_mb, logs_mb, concurrency, kind, main, is_binary, components, code,
              binding_namespace, binding_name)
            VALUES (@Namespace, @Package, @Name, @Collection, @Version, @Publish, @Annotations, @Parameters,
              @Updated, @Revision, @TimeoutMs, @MemoryMb, @LogsMb, @Concurrency, @Kind, @Main, @IsBinary, @Components, @Code,
              @BindingNamespace, @BindingName)
            """,
            EntityRow.From(entity, secrets));

    /// <summary>False when the row is no longer the one that <paramref name="replaced"/> was read from.</summary>
    public bool Update(WriteSession session, Entity replaced, Entity entity)
    {
        if (session.Execute(
            """
            DELETE FROM runtime_entities
            WHERE namespace = @Namespace AND package = @Package AND name = @Name AND revision = @Revision
            """,
            EntityRow.From(replaced, secrets)) == 0)
        {
            return false;
        }

        Insert(session, entity);
        return true;
    }

    public static bool Delete(WriteSession session, EntityName name) =>
        session.Execute(
            "DELETE FROM runtime_entities WHERE namespace = @Namespace AND package = @Package AND name = @Name", Key(name)) > 0;

    private static string PatternOf(string? text) =>
        $"%{text?.ToLowerInvariant().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";

    private static object Key(EntityName name) => new { name.Namespace, Package = name.Package ?? "", name.Name };

    private static string Where(string? package, bool onlyShared) =>
        "WHERE namespace = @namespace AND collection = @collection"
        + (package is null ? "" : " AND package = @package")
        + (onlyShared ? " AND publish AND binding_name IS NULL" : "");
}
