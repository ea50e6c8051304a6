using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Signalbox.Server.Outages;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Server.Tests.Outages;

public sealed class StorageOutageTests : IAsyncDisposable
{
    private static readonly SqliteException _full = new("database or disk is full", 13);

    private readonly RecordedLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly TestDatabase _database = new(TestEngine.Sqlite, new MigrationSet("test", [new Migration(1, "table", "CREATE TABLE t (id INTEGER)")]));
    private readonly StorageOutage _outage;
    private readonly LoggerFactory _loggers;
    private readonly StorageOutageWatch _watch;

    public StorageOutageTests()
    {
        _outage = new StorageOutage(_clock);
        _loggers = new LoggerFactory([new OutageLoggerProvider(_log, _outage)]);
        _watch = new StorageOutageWatch(_outage, _database.Database, _clock, _loggers.CreateLogger<StorageOutageWatch>());
    }

    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        _loggers.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Hundreds_that_are_refused_make_one_line_at_the_begin_one_now_and_then_and_one_at_the_end()
    {
        for (var request = 0; request < 300; request++)
        {
            Meet();
        }

        _clock.Advance(TimeSpan.FromSeconds(5));
        await _watch.LookAsync(TestContext.Current.CancellationToken);
        await _watch.LookAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                "A commit failed: database or disk is full (what else meets this is counted until it is over)",
                "The storage refuses what it is asked, for 5 s now: 300 requests and 300 commits and other work since the last line. database or disk is full",
                "The storage works again, after 5 s in which it refused 300 requests",
            ],
            _log.Lines);
        Assert.All(_log.Exceptions, Assert.Null);
    }

    [Fact]
    public void A_bug_keeps_its_stack_trace()
    {
        var bug = new InvalidOperationException("a bug");

        _loggers.CreateLogger("any").LogError(bug, "It broke");

        Assert.Same(bug, Assert.Single(_log.Exceptions));
    }

    [Fact]
    public async Task The_next_outage_is_told_again()
    {
        Meet();
        await _watch.LookAsync(TestContext.Current.CancellationToken);
        _log.Lines.Clear();

        Meet();

        Assert.StartsWith("A commit failed", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    /// <summary>What a publish leaves that meets a full disk.</summary>
    private void Meet()
    {
        _loggers.CreateLogger<Database>().LogError(_full, "A commit failed");
        _loggers.CreateLogger("api").Log(LogLevel.Error, new EventId(2, "StorageRefused"), new Dictionary<string, object?> { ["Reason"] = _full.Message }.ToList(), null, (_, _) => "The storage refused POST /ingress");
    }

    private sealed class RecordedLog : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public List<Exception?> Exceptions { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Lines.Add(formatter(state, exception));
            Exceptions.Add(exception);
        }

        public void Dispose()
        {
        }
    }
}
