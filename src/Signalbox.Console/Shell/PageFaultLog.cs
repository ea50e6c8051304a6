using Microsoft.Extensions.Logging;

namespace Signalbox.WebConsole.Shell;

internal static partial class PageFaultLog
{
    [LoggerMessage(1, LogLevel.Error, "A page of the console broke, id {Id}")]
    public static partial void Broke(ILogger logger, Exception exception, string id);
}
