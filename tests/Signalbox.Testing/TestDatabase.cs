using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Signalbox.Storage;

namespace Signalbox.Testing;

/// <summary>A real, empty, migrated database on either engine, with a clock that the test moves.</summary>
/// <example>
/// <code>
/// [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
/// public async Task Keeps_what_was_written(TestEngine engine)
/// {
///     await using var test = new TestDatabase(engine, MyRoom.Migrations);
///     await test.Database.WriteAsync(s => s.Execute("INSERT …"));
/// }
/// </code>
/// </example>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly MigrationSet[] _migrations;
    private readonly string _folder;

    public TestDatabase(TestEngine engine, params MigrationSet[] migrations)
    {
        _migrations = migrations;
        _folder = Directory.CreateTempSubdirectory("signalbox-test-").FullName;
        Options = new StorageOptions
        {
            DataDirectory = _folder,
            PostgresConnectionString = engine == TestEngine.Postgresql ? PostgresServer.Instance.CreateDatabase() : null,
        };
        Secrets = new SecretProtector(new EphemeralDataProtectionProvider());
        Database = Open();
    }

    /// <summary>Starts at 2026-01-01T00:00:00Z.</summary>
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public StorageOptions Options { get; }

    public SecretProtector Secrets { get; }

    public Database Database { get; private set; }

    /// <summary>Closes the database and opens it again, as a restart does.</summary>
    public async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        Database = Open();
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Database Open() => new(Options, _migrations, Clock, NullLogger<Database>.Instance);
}
