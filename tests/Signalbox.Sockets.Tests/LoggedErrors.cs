using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Signalbox.Sockets.Tests;

/// <summary>Keeps what is logged as an error or worse.</summary>
internal sealed class LoggedErrors : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _texts = [];

    public IReadOnlyCollection<string> Texts => _texts;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _texts.Enqueue(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
