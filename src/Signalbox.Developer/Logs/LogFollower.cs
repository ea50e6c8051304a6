using System.Text.Json;
using System.Text.Json.Nodes;
using Signalbox.Developer.Connection;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Logs;

/// <summary>Reads the live stream until it is cancelled; a server that restarts is waited for.</summary>
internal sealed class LogFollower(RuntimeClient client, Screen notes)
{
    private static readonly TimeSpan _retryPause = TimeSpan.FromSeconds(1);

    /// <param name="action">Null: all of the namespace.</param>
    /// <param name="opened">Called each time the stream is open.</param>
    /// <param name="show">Called for each entry but those that only say that the stream is alive.</param>
    public async Task FollowAsync(string? action, Action opened, Action<JsonObject> show, CancellationToken cancellationToken)
    {
        for (var wasOpen = false; ; await Task.Delay(_retryPause, cancellationToken))
        {
            try
            {
                using var lines = await client.OpenLogStreamAsync(action, cancellationToken);
                wasOpen = true;
                await ReadAsync(lines, opened, show, cancellationToken);
                notes.Line(notes.Yellow("The server closed the log stream; waiting for it."));
            }
            catch (NoServerException) when (wasOpen)
            {
                // Said once already, when the stream ended.
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException)
            {
                notes.Line(notes.Yellow("The log stream broke off; waiting for the server."));
            }
        }
    }

    private static async Task ReadAsync(StreamReader lines, Action opened, Action<JsonObject> show, CancellationToken cancellationToken)
    {
        var isFirst = true;
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (isFirst)
            {
                opened();
                isFirst = false;
            }

            try
            {
                if (JsonNode.Parse(line) is JsonObject entry && (string?)entry["type"] != "alive")
                {
                    show(entry);
                }
            }
            catch (JsonException)
            {
                // A line that was cut off with the connection.
            }
        }
    }
}
