namespace Signalbox.Developer.Connection;

/// <summary>Files of <c>NAME=value</c> lines: <c>.env</c>, <c>.wskprops</c>.</summary>
internal static class SettingsFile
{
    /// <summary>The values by name, as dotenv reads them; empty when there is no such file.</summary>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return values;
        }

        foreach (var line in File.ReadLines(path))
        {
            var text = line.Trim();
            if (text.StartsWith("export ", StringComparison.Ordinal))
            {
                text = text[7..].TrimStart();
            }

            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && text[0] != '#')
            {
                values[text[..equals].TrimEnd()] = Unquote(text[(equals + 1)..].Trim());
            }
        }

        return values;
    }

    private static string Unquote(string value)
    {
        if (value.Length > 0 && value[0] is '"' or '\'' or '`')
        {
            var close = value.IndexOf(value[0], 1);
            if (close > 0)
            {
                var inner = value[1..close];
                return value[0] == '"' ? inner.Replace("\\n", "\n", StringComparison.Ordinal) : inner;
            }
        }

        var comment = value.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? value : value[..comment].TrimEnd();
    }
}
