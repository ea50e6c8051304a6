namespace Signalbox.Runtime.WebActions;

/// <summary>The taken-apart path of a web action's URL (OpenWhisk behaviour, section 3.1).</summary>
/// <param name="Extension"><c>.http</c> unless the URL names another.</param>
/// <param name="Rest">What follows, with a slash in front; or empty.</param>
internal readonly record struct WebActionPath(string Namespace, string? Package, string Action, string Extension, string Rest)
{
    private const string DefaultExtension = ".http";
    private static readonly string[] _extensions = [".http", ".json", ".html", ".svg", ".text"];

    /// <summary>Takes <c>ns/package/action[.ext][/rest]</c> apart; null when there are too few segments.</summary>
    public static WebActionPath? Parse(string path)
    {
        var segments = path.Split('/', 4);
        if (segments.Length < 3 || segments[..3].Any(string.IsNullOrEmpty))
        {
            return null;
        }

        var action = segments[2];
        // An extension that is not known is part of the name.
        var extension = _extensions.FirstOrDefault(known => action.EndsWith(known, StringComparison.Ordinal));
        return new WebActionPath(
            segments[0],
            segments[1] == "default" ? null : segments[1],
            extension is null ? action : action[..^extension.Length],
            extension ?? DefaultExtension,
            segments.Length > 3 ? "/" + segments[3] : "");
    }
}
