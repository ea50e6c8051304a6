using System.Data.Common;
using Signalbox.Storage;

namespace Signalbox.Server.Outages;

/// <summary>
/// The console's log, in which an outage of the storage is one line when it begins: whatever the storage refused is told here,
/// by exception or by the event <c>StorageRefused</c>, so this is where it is counted instead. <see cref="StorageOutageWatch"/> tells the rest.
/// </summary>
[ProviderAlias("Console")]
internal sealed class OutageLoggerProvider(ILoggerProvider console, StorageOutage outage) : ILoggerProvider, ISupportExternalScope
{
    /// <summary>The name of the event by which each API says that the storage refused a request.</summary>
    private const string RequestRefused = "StorageRefused";

    public ILogger CreateLogger(string categoryName) => new Logger(console.CreateLogger(categoryName), outage);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => (console as ISupportExternalScope)?.SetScopeProvider(scopeProvider);

    public void Dispose() => console.Dispose();

    private sealed class Logger(ILogger console, StorageOutage outage) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => console.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => console.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var isRequest = eventId.Name == RequestRefused;
            if (!isRequest && FindReason(exception) is null)
            {
                console.Log(logLevel, eventId, state, exception, formatter);
                return;
            }

            var reason = FindReason(exception) ?? ValueOf(state, "Reason") ?? "";
            if (outage.Meet(reason, isRequest))
            {
                var text = formatter(state, exception);
                var whole = text.Contains(reason, StringComparison.Ordinal) ? text : $"{text}: {reason}";
                console.Log(logLevel, eventId, state, null, (_, _) => $"{whole} (what else meets this is counted until it is over)");
            }
        }

        private static string? FindReason(Exception? exception)
        {
            for (var fault = exception; fault is not null; fault = fault.InnerException)
            {
                if (fault is DbException refusal && StorageFault.Explain(refusal) is { } reason)
                {
                    return reason;
                }
            }

            return null;
        }

        private static string? ValueOf<TState>(TState state, string name) =>
            (state as IReadOnlyList<KeyValuePair<string, object?>>)?.FirstOrDefault(value => value.Key == name).Value as string;
    }
}
