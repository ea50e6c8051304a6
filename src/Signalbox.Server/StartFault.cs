using System.Data.Common;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Signalbox.Server;

/// <summary>What the host can refuse a server that starts: a file, a database, an address.</summary>
internal static class StartFault
{
    /// <summary>One line of words for such a refusal; null for anything else, which is a bug and keeps its stack trace.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        IOException or InvalidDataException or UnauthorizedAccessException or DbException or SocketException =>
            string.Join(" ", Chain(exception).Select(fault => fault.Message.TrimEnd('.', ' ') + ".").Distinct()),
        CryptographicException =>
            "The secrets in the database cannot be read: the key ring that they were written with, the folder 'keys' of the data directory, "
            + "is another one. Put back the key ring and the database of one backup (docs/operating.md, \"Backup\").",
        _ => null,
    };

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var fault = exception; fault is not null; fault = fault.InnerException)
        {
            yield return fault;
        }
    }
}
