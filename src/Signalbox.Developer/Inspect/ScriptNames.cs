using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Signalbox.Developer.Inspect;

/// <summary>
/// Rewrites the inspector's messages between the names of scripts in the sandbox and the user's own files, so that a
/// breakpoint that is set in the editor binds, and a pause opens the file, without any mapping in the editor.
/// </summary>
internal sealed class ScriptNames
{
    private static readonly TimeSpan _matchPatience = TimeSpan.FromMilliseconds(200);

    private readonly byte[] _codeFolderUrl;
    private readonly Dictionary<string, string> _localByInside = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _insideByLocal = new(StringComparer.Ordinal);

    /// <param name="codeFolder">Where the process sees the code.</param>
    /// <param name="sources">Absolute paths of the user's files, by their names below that folder.</param>
    public ScriptNames(string codeFolder, IReadOnlyDictionary<string, string> sources)
    {
        _codeFolderUrl = Encoding.UTF8.GetBytes(FileUrl(codeFolder) + "/");
        foreach (var (name, file) in sources)
        {
            var (inside, local) = (FileUrl($"{codeFolder}/{name}"), FileUrl(file));
            _localByInside[inside] = local;
            _insideByLocal[local] = inside;
        }
    }

    /// <summary>A message of the process, as the editor is to see it.</summary>
    public ReadOnlyMemory<byte> ToEditor(ReadOnlyMemory<byte> message)
    {
        if (message.Span.IndexOf(_codeFolderUrl) < 0 || Parse(message) is not { } root)
        {
            return message;
        }

        RenameUrls(root, _localByInside);
        if ((string?)root["method"] == "Debugger.scriptParsed" && root["params"] is JsonObject script && _insideByLocal.ContainsKey((string?)script["url"] ?? ""))
        {
            // The launcher adds a line of its own; an editor that compared hashes would not show the user's file.
            script["hash"] = "";
        }

        return Bytes(root);
    }

    /// <summary>A message of the editor, as the process is to see it.</summary>
    public ReadOnlyMemory<byte> ToProcess(ReadOnlyMemory<byte> message)
    {
        if (message.Span.IndexOf("\"url"u8) < 0 || Parse(message) is not { } root)
        {
            return message;
        }

        RenameUrls(root, _insideByLocal);
        if (root["params"] is JsonObject parameters && (string?)parameters["urlRegex"] is { } pattern && FindInside(pattern) is { } inside)
        {
            parameters.Remove("urlRegex");
            parameters["url"] = inside;
        }

        return Bytes(root);
    }

    private static string FileUrl(string path) => new Uri(path).AbsoluteUri;

    private static JsonObject? Parse(ReadOnlyMemory<byte> message)
    {
        try
        {
            return JsonNode.Parse(message.Span) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ReadOnlyMemory<byte> Bytes(JsonObject root) => Encoding.UTF8.GetBytes(root.ToJsonString());

    private static void RenameUrls(JsonNode node, Dictionary<string, string> names)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array.OfType<JsonNode>())
            {
                RenameUrls(item, names);
            }
        }
        else if (node is JsonObject map)
        {
            foreach (var (key, value) in map.ToArray())
            {
                if (key == "url" && value is JsonValue text && text.TryGetValue<string>(out var url) && names.TryGetValue(url, out var renamed))
                {
                    map[key] = renamed;
                }
                else if (value is JsonObject or JsonArray)
                {
                    RenameUrls(value, names);
                }
            }
        }
    }

    /// <summary>Editors name a file by a pattern that allows for its different spellings.</summary>
    private string? FindInside(string pattern)
    {
        try
        {
            var regex = new Regex(pattern, RegexOptions.ECMAScript, _matchPatience);
            return _insideByLocal.Where(file => regex.IsMatch(file.Key) || regex.IsMatch(new Uri(file.Key).LocalPath)).Select(file => file.Value).FirstOrDefault();
        }
        catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
        {
            return null;
        }
    }
}
