namespace Signalbox.Developer.Logs;

/// <summary>One stored line, taken apart: <c>2026-01-01T00:00:00.0000000Z   stdout: text</c>.</summary>
internal readonly record struct LogText(string Time, bool IsError, string Text)
{
    public static LogText Parse(string line)
    {
        var time = line.IndexOf(' ', StringComparison.Ordinal);
        if (time > 0 && DateTimeOffset.TryParse(line.AsSpan(0, time), System.Globalization.CultureInfo.InvariantCulture, out _))
        {
            var rest = line.AsSpan(time).TrimStart();
            foreach (var stream in (string[])["stdout: ", "stderr: "])
            {
                if (rest.StartsWith(stream, StringComparison.Ordinal))
                {
                    return new LogText(line[..time], stream[3] == 'e', rest[stream.Length..].ToString());
                }
            }
        }

        return new LogText("", IsError: false, line);
    }

    /// <summary>The time of day on this machine.</summary>
    public static string TimeOfDay(string time) =>
        DateTimeOffset.TryParse(time, System.Globalization.CultureInfo.InvariantCulture, out var parsed)
            ? parsed.ToLocalTime().ToString("HH:mm:ss.fff", System.Globalization.CultureInfo.InvariantCulture)
            : "            ";
}
