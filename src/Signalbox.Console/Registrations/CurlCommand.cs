using System.Text;
using Signalbox.Events.Tracing;

namespace Signalbox.WebConsole.Registrations;

/// <summary>A traced request as a shell command that sends it again.</summary>
internal static class CurlCommand
{
    public static string Of(TraceExchange exchange)
    {
        var command = new StringBuilder("curl -i -X ").Append(exchange.RequestMethod).Append(' ').Append(Quote(exchange.RequestUrl));
        foreach (var (name, value) in exchange.RequestHeaders)
        {
            command.Append(" \\\n  -H ").Append(Quote($"{name}: {value}"));
        }

        if (exchange.RequestBody.Length > 0)
        {
            command.Append(" \\\n  --data-raw ").Append(Quote(exchange.RequestBody));
        }

        return command.ToString();
    }

    /// <summary>Nothing inside single quotes means anything to a shell, except the quote itself.</summary>
    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
