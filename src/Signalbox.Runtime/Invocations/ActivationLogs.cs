using System.Globalization;
using Signalbox.Runtime.Edge;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.Invocations;

/// <summary>Log lines in the form that clients take apart (OpenWhisk behaviour, section 6.2).</summary>
internal static class ActivationLogs
{
    public static ReadOnlyMemory<byte> Format(IReadOnlyList<LogLine> lines, string? lastLine, DateTimeOffset lastTime)
    {
        if (lines.Count == 0 && lastLine is null)
        {
            return Json.EmptyArray;
        }

        return Json.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (var line in lines)
            {
                writer.WriteStringValue(Format(line));
            }

            if (lastLine is not null)
            {
                writer.WriteStringValue(Format(new LogLine(lastTime, LogStream.Stderr, lastLine)));
            }

            writer.WriteEndArray();
        });
    }

    private static string Format(LogLine line)
    {
        var time = line.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        return $"{time,-30} {(line.Stream == LogStream.Stdout ? "stdout" : "stderr")}: {line.Text.TrimEnd('\r', '\n')}";
    }
}
