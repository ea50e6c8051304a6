using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Signalbox.WebConsole.Operations;

namespace Signalbox.Server.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task A_server_that_is_told_to_stop_while_it_starts_ends_without_a_fault()
    {
        var folder = Directory.CreateTempSubdirectory("signalbox-test-");
        try
        {
            var settings = new ServerSettings { DataDirectory = folder.FullName, Urls = "http://127.0.0.1:0" };
            using var data = DataDirectory.Open(settings.DataDirectory);
            await using var app = SignalboxApplication.Build(
                settings,
                data,
                ["--Logging:LogLevel:Default", "None", "--Sandbox:Isolation", "None", "--Sandbox:PrestartedProcesses", "0"],
                services => services.AddHostedService<StopDuringStart>());

            Assert.False(await SignalboxApplication.StartAsync(app, settings, CancellationToken.None));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_in_words()
    {
        var folder = Directory.CreateTempSubdirectory("signalbox-test-");
        try
        {
            await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder.FullName, "signalbox.db")};Pooling=false"))
            {
                await connection.ExecuteAsync(
                    """
                    CREATE TABLE schema_migrations (room TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (room, number));
                    INSERT INTO schema_migrations VALUES ('events', 1000, 'from the future', 0);
                    """);
            }

            var settings = new ServerSettings { DataDirectory = folder.FullName, Urls = "http://127.0.0.1:0" };
            using var data = DataDirectory.Open(settings.DataDirectory);

            var refusal = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(settings, data));

            Assert.Contains("it was written by a newer version. Start that version, or restore a backup", StartFault.Explain(refusal), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_database_without_its_key_ring_is_refused_with_the_command_that_puts_it_back_and_gets_no_new_one()
    {
        await WithDataAsync(async (settings, data) =>
        {
            var (keys, backup) = (Path.Combine(data.FullPath, "keys"), Path.Combine(data.FullPath, "backup-keys"));
            await StartAsync(settings, data);
            Directory.Move(keys, backup);

            var refusal = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(settings, data));

            Assert.Contains($"cp -aT backup-keys '{keys}'", StartFault.Explain(refusal), StringComparison.Ordinal);
            Assert.False(Directory.Exists(keys));
        });
    }

    [Fact]
    public async Task A_database_with_the_key_ring_of_another_is_refused_in_words()
    {
        await WithDataAsync(async (settings, data) =>
        {
            await StartAsync(settings, data);
            var key = Directory.GetFiles(Path.Combine(data.FullPath, "keys")).Single();
            var id = Path.GetFileNameWithoutExtension(key)["key-".Length..];
            var other = Guid.NewGuid().ToString();
            await File.WriteAllTextAsync(key.Replace(id, other, StringComparison.Ordinal), (await File.ReadAllTextAsync(key)).Replace(id, other, StringComparison.Ordinal));
            File.Delete(key);

            var refusal = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(settings, data));

            Assert.Contains("Put back the key ring and the database of one backup", StartFault.Explain(refusal), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8192)]
    public async Task A_damaged_database_is_named_with_what_to_do(int keptBytes)
    {
        await WithDataAsync(async (settings, data) =>
        {
            await StartAsync(settings, data);
            var file = Path.Combine(data.FullPath, "signalbox.db");
            await using (var damaged = File.OpenWrite(file))
            {
                damaged.Position = keptBytes;
                damaged.Write(Enumerable.Repeat((byte)0x5a, (int)damaged.Length - keptBytes).ToArray());
            }

            var refusal = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(settings, data));

            Assert.StartsWith($"The database '{file}' is damaged. Put back the database and the key ring of one backup", StartFault.Explain(refusal), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task An_empty_file_in_the_place_of_the_database_is_no_new_beginning()
    {
        await WithDataAsync(async (settings, data) =>
        {
            await StartAsync(settings, data);
            var file = Path.Combine(data.FullPath, "signalbox.db");
            await File.WriteAllBytesAsync(file, []);

            var refusal = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(settings, data));

            Assert.Contains($"The database '{file}' is empty (0 bytes)", StartFault.Explain(refusal), StringComparison.Ordinal);
            Assert.Equal(0, new FileInfo(file).Length);
        });
    }

    private static async Task WithDataAsync(Func<ServerSettings, DataDirectory, Task> test)
    {
        var folder = Directory.CreateTempSubdirectory("signalbox-test-");
        try
        {
            var settings = new ServerSettings { DataDirectory = folder.FullName, Urls = "http://127.0.0.1:0" };
            using var data = DataDirectory.Open(settings.DataDirectory);
            await test(settings, data);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task What_is_reported_of_the_server_names_its_own_start_not_the_first_question()
    {
        var folder = Directory.CreateTempSubdirectory("signalbox-test-");
        try
        {
            var settings = new ServerSettings { DataDirectory = folder.FullName, Urls = "http://127.0.0.1:0" };
            using var data = DataDirectory.Open(settings.DataDirectory);
            var startedAt = new DateTimeOffset(2026, 11, 28, 10, 0, 0, TimeSpan.Zero);
            var clock = new FakeTimeProvider(startedAt);
            await using var app = SignalboxApplication.Build(
                settings, data, ["--Logging:LogLevel:Default", "None", "--Sandbox:Isolation", "None", "--Sandbox:PrestartedProcesses", "0"],
                services => services.AddSingleton<TimeProvider>(clock));
            await SignalboxApplication.StartAsync(app, settings, CancellationToken.None);
            clock.Advance(TimeSpan.FromHours(3));

            var report = await app.Services.GetRequiredService<IServerReporter>().ReadAsync(CancellationToken.None);

            Assert.Equal(startedAt, report.StartedAt);
            await app.StopAsync(CancellationToken.None);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task StartAsync(ServerSettings settings, DataDirectory data)
    {
        await using var app = SignalboxApplication.Build(
            settings, data, ["--Logging:LogLevel:Default", "None", "--Sandbox:Isolation", "None", "--Sandbox:PrestartedProcesses", "0"]);
        await SignalboxApplication.StartAsync(app, settings, CancellationToken.None);
        await app.StopAsync(CancellationToken.None);
    }

    /// <summary>Does what SIGTERM does, and then starts for as long as it may.</summary>
    private sealed class StopDuringStart(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
