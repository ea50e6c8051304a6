using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using Signalbox.Developer.Connection;
using Signalbox.Developer.Logs;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Invoke;

/// <summary><c>signalbox invoke</c>: runs an action and shows what came of it. Ends with 1 when the action failed.</summary>
internal static class InvokeCommand
{
    private static readonly TimeSpan _recordPause = TimeSpan.FromMilliseconds(500);

    public static Command Create(string defaultDataDirectory)
    {
        var command = new Command("invoke", "Run an action; show its result, where the time went, and what it printed");
        var name = new Argument<string>("NAME") { Description = "The action, such as hello or shop/hello" };
        var parameters = new ParameterArguments();
        var blocking = new Option<bool>("--blocking", "-b") { Description = "Wait for the result: the default" };
        var noWait = new Option<bool>("--no-wait") { Description = "Do not wait; print the activation's id" };
        var resultOnly = new Option<bool>("--result", "-r") { Description = "Print the result alone" };
        var json = new Option<bool>("--json") { Description = "Print the whole activation, timing and logs included, as JSON" };
        var connection = new ConnectionOptions(defaultDataDirectory);
        command.Add(name);
        parameters.AddTo(command);
        foreach (var option in new Option[] { blocking, noWait, resultOnly, json })
        {
            command.Add(option);
        }

        connection.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var action = parsed.GetRequiredValue(name).TrimStart('/');
            var arguments = parameters.Read(parsed);
            using var client = new RuntimeClient(connection.Resolve(parsed, Directory.GetCurrentDirectory()));
            if (parsed.GetValue(noWait))
            {
                var id = await StartAsync(client, action, arguments, cancellationToken);
                Screen.Standard.Line(parsed.GetValue(json) ? Json.OneLine(new JsonObject { ["activationId"] = id }) : id);
                return 0;
            }

            var reader = new ActivationReader(client);
            var activation = await RunAsync(client, reader, action, arguments, cancellationToken);
            if (parsed.GetValue(resultOnly))
            {
                Screen.Standard.Line(Json.Indented(activation.Result));
            }
            else if (parsed.GetValue(json))
            {
                Screen.Standard.Line(Json.Indented(WithTiming(activation)));
            }
            else
            {
                await ShowAsync(Screen.Standard, reader, activation, cancellationToken);
            }

            return activation.IsSuccess ? 0 : 1;
        });
        return command;
    }

    private static async Task<ActivationView> RunAsync(
        RuntimeClient client, ActivationReader reader, string action, JsonObject arguments, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(HttpMethod.Post, Path(action) + "?blocking=true", arguments, cancellationToken);
        var id = answer.ActivationId ?? throw Refused(client, action, answer);
        while (await reader.FindAsync(id, cancellationToken) is var found)
        {
            if (found is not null)
            {
                return found;
            }

            if (answer.Body is JsonObject record && record.ContainsKey("response"))
            {
                // A server that keeps no records of successes still told all but the lines.
                return new ActivationView(record);
            }

            await Task.Delay(_recordPause, cancellationToken);
        }

        throw new InvalidOperationException("The loop above only ends by returning.");
    }

    private static async Task<string> StartAsync(RuntimeClient client, string action, JsonObject arguments, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(HttpMethod.Post, Path(action), arguments, cancellationToken);
        return answer.ActivationId ?? throw Refused(client, action, answer);
    }

    private static DeveloperException Refused(RuntimeClient client, string action, ApiAnswer answer) =>
        new(answer.Status == HttpStatusCode.NotFound
            ? $"There is no action '{action}' at {client.Url}. See what there is: aio rt action list"
            : $"'{action}' was not run: {RuntimeClient.ErrorOf(answer)}");

    private static string Path(string action) => "actions/" + string.Join('/', action.Split('/').Select(Uri.EscapeDataString));

    private static JsonObject WithTiming(ActivationView activation)
    {
        var record = (JsonObject)activation.Record.DeepClone();
        record["timing"] = new JsonObject
        {
            ["waitMs"] = activation.WaitMs,
            ["initMs"] = activation.InitMs ?? 0,
            ["runMs"] = activation.DurationMs - (activation.InitMs ?? 0),
            ["isCold"] = activation.InitMs is not null,
        };
        return record;
    }

    private static async Task ShowAsync(Screen screen, ActivationReader reader, ActivationView activation, CancellationToken cancellationToken)
    {
        foreach (var line in Json.Indented(activation.Result).Split('\n'))
        {
            screen.Line(Screen.Harmless(line));
        }

        screen.Line();
        var status = activation.IsSuccess ? screen.Green("ok") : screen.Red(activation.Status);
        screen.Line($"{screen.Bold(activation.Action)}  {status}  {Screen.Duration(activation.DurationMs)}  {screen.Dim("activation " + activation.Id)}");
        screen.Line(screen.Dim($"  wait {Screen.Duration(activation.WaitMs)}"
            + (activation.InitMs is { } init ? $"  |  init {Screen.Duration(init)} (cold)" : activation.IsSequence ? "" : "  |  init 0 ms (warm)")
            + $"  |  run {Screen.Duration(activation.DurationMs - (activation.InitMs ?? 0))}"));
        var printer = new LogPrinter(screen, asJson: false);
        printer.Error(ErrorText.StackOf((activation.Result as JsonObject)?["error"]) ?? "", "  ");
        foreach (var component in await reader.ComponentsAsync(activation, cancellationToken))
        {
            printer.Activation(component, "  ");
        }

        if (!activation.IsSequence)
        {
            printer.Lines(activation, "  ");
        }
    }
}
