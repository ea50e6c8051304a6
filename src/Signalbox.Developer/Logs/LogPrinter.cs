using System.Text.Json.Nodes;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Logs;

/// <summary>Shows lines and activations on a terminal, or as one JSON object a line.</summary>
internal sealed class LogPrinter(Screen screen, bool asJson)
{
    private const int ShortIdLength = 8;

    /// <summary>A finished activation: one line about it, then its own lines.</summary>
    public void Activation(ActivationView activation, string indent = "")
    {
        if (!asJson)
        {
            var started = DateTimeOffset.FromUnixTimeMilliseconds(activation.StartMs).ToLocalTime();
            var status = activation.IsSuccess ? screen.Green("ok") : screen.Red(activation.Status);
            screen.Line($"{indent}{screen.Bold(activation.Action)}  {status}  {Screen.Duration(activation.DurationMs)}  "
                + screen.Dim($"{started:yyyy-MM-dd HH:mm:ss}  {activation.Id}"));
        }

        if (!activation.IsSequence)
        {
            Lines(activation, indent + "  ");
        }
    }

    public void Lines(ActivationView activation, string indent)
    {
        foreach (var line in activation.Logs.Select(LogText.Parse))
        {
            if (asJson)
            {
                screen.Line(Json.OneLine(new JsonObject
                {
                    ["type"] = "line",
                    ["action"] = activation.Action,
                    ["activationId"] = activation.Id,
                    ["time"] = line.Time,
                    ["stream"] = line.IsError ? "stderr" : "stdout",
                    ["text"] = line.Text,
                }));
            }
            else
            {
                screen.Line($"{indent}{screen.Dim(LogText.TimeOfDay(line.Time))}  {Text(line.Text, line.IsError)}");
            }
        }
    }

    /// <summary>An entry of the live stream, as the server wrote it.</summary>
    public void Live(JsonObject entry)
    {
        if (asJson)
        {
            screen.Line(Json.OneLine(entry));
            return;
        }

        switch ((string?)entry["type"])
        {
            case "line":
                screen.Line($"{screen.Dim(LogText.TimeOfDay((string?)entry["time"] ?? ""))}  {Source(entry)}  "
                    + Text((string?)entry["text"] ?? "", (string?)entry["stream"] == "stderr"));
                break;
            case "end" when (string?)entry["status"] == "success":
                screen.Line($"              {Source(entry)}  {screen.Green("ok")} {screen.Dim(Duration(entry))}");
                break;
            case "end":
                screen.Line($"              {Source(entry)}  {screen.Red((string?)entry["status"] ?? "failed")} {screen.Dim(Duration(entry))}");
                Error(ErrorText.Of((string?)entry["error"] ?? ""), "                ");
                break;
            case "lost":
                screen.Line(screen.Yellow($"              … {(int?)entry["entries"]} lines came faster than they could be shown, and are left out here; 'signalbox logs ID' has them"));
                break;
        }
    }

    /// <summary>The text of an error, line by line.</summary>
    public void Error(string text, string indent)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            screen.Line(indent + screen.Red(Screen.Harmless(line)));
        }
    }

    private static string Duration(JsonObject entry) => Screen.Duration((long?)entry["durationMs"] ?? 0);

    private string Text(string text, bool isError) => isError ? screen.Yellow(Screen.Harmless(text)) : Screen.Harmless(text);

    /// <summary>The action without its namespace, and the end of the id, which tells activations apart.</summary>
    private string Source(JsonObject entry)
    {
        var action = (string?)entry["action"] ?? "";
        var id = (string?)entry["activationId"] ?? "";
        var name = action.IndexOf('/', 1) is > 0 and var slash ? action[(slash + 1)..] : action;
        return $"{screen.Cyan(name)} {screen.Dim(id.Length > ShortIdLength ? id[^ShortIdLength..] : id)}";
    }
}
