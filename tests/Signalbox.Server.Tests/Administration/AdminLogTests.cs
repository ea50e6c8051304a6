using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Signalbox.Server.Tests.Administration;

/// <summary>What an operator does leaves a line in the log.</summary>
public sealed class AdminLogTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signalbox-test-").FullName;
    private readonly RecordedLog _log = new();
    private readonly HttpClient _http = new();
    private DataDirectory _data = null!;
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var settings = new ServerSettings { DataDirectory = _folder, Urls = "http://127.0.0.1:0", LogFormat = "json" };
        _data = DataDirectory.Open(_folder);
        _app = SignalboxApplication.Build(
            settings,
            _data,
            ["--Logging:Console:LogLevel:Default", "None", "--Sandbox:Isolation", "None", "--Sandbox:PrestartedProcesses", "0"],
            services => services.AddSingleton<ILoggerProvider>(_log));
        await SignalboxApplication.StartAsync(_app, settings, CancellationToken.None);
        Banner.Tell(_app, settings, _data);
        _http.BaseAddress = _app.Services.GetRequiredService<ServerAddress>().Self;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(_folder, "admin-token"))).Trim());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _data.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("/admin/keys/rotate", """{"slot":1,"force":true}""", """POST /admin/keys/rotate {"slot":1,"force":true}: 200""")]
    [InlineData("/admin/certificates/renew?now=true", "{}", "POST /admin/certificates/renew?now=true {}: 200")]
    [InlineData("/admin/keys/rotate", """{"slot":3}""", """POST /admin/keys/rotate {"slot":3}: 409""")]
    public async Task A_change_by_the_operator_is_told_with_what_was_asked_and_what_became_of_it(string path, string body, string line)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);

        var told = await _log.WaitForAsync(text => text.StartsWith("An operator", StringComparison.Ordinal));

        Assert.Equal("An operator asked for " + line, told);
    }

    [Fact]
    public async Task The_log_says_which_database_is_used_and_where_the_server_is_and_keeps_the_link_to_itself()
    {
        var file = Path.Combine(_folder, "signalbox.db");
        var link = (await File.ReadAllTextAsync(Path.Combine(_folder, "console-link"), TestContext.Current.CancellationToken)).Trim();

        Assert.Contains($"The database is sqlite, {file}", _log.Lines);
        Assert.Contains(_log.Lines, line => line.Contains(" is ready at http://", StringComparison.Ordinal) && line.Contains(file, StringComparison.Ordinal));
        Assert.Contains(_log.Lines, line => line.Contains("console-link", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, line => line.Contains(link, StringComparison.Ordinal));
    }

    private sealed class RecordedLog : ILoggerProvider, ILogger
    {
        private readonly SemaphoreSlim _written = new(0);

        public ConcurrentQueue<string> Lines { get; } = [];

        public async Task<string> WaitForAsync(Func<string, bool> match)
        {
            while (true)
            {
                if (Lines.FirstOrDefault(match) is { } line)
                {
                    return line;
                }

                Assert.True(await _written.WaitAsync(TimeSpan.FromSeconds(30)));
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Lines.Enqueue(formatter(state, exception));
            _written.Release();
        }

        public void Dispose()
        {
        }
    }
}
