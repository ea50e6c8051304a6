using System.Data.Common;
using System.Net.Sockets;

namespace Signalbox.Server;

/// <summary>What the host can refuse a server that starts: a file, a database, an address.</summary>
internal static class StartFault
{
    /// <summary>One line of words for such a refusal; null for anything else, which is a bug and keeps its stack trace.</summary>
    public static string? Explain(Exception exception) =>
        exception is IOException or InvalidDataException or UnauthorizedAccessException or DbException or SocketException
            ? string.Join(" ", Chain(exception).Select(fault => fault.Message.TrimEnd('.', ' ') + ".").Distinct())
            : null;

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var fault = exception; fault is not null; fault = fault.InnerException)
        {
            yield return fault;
        }
    }
}
