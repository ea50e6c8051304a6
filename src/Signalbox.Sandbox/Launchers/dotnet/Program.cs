using System.Text;
using System.Text.Json;
using Signalbox.Launcher;

// Runs one action's code for Signalbox: connects to the host's socket, loads the code once, runs activations as they
// come, many at once. docs/kinds.md has the frames. User code shares this process, so the host trusts nothing of it.

var connection = new Connection(args[0]);
var codeFolder = args[1];
Console.SetOut(new LogWriter(LogWriter.Stdout));
Console.SetError(new LogWriter(LogWriter.Stderr));
AppDomain.CurrentDomain.UnhandledException += (_, unhandled) => Activation.PrintToAll(unhandled.ExceptionObject.ToString()!);
var logBytesMax = 0;
var oneAtATime = true;
EntryPoint? entryPoint = null;
connection.Send(FrameType.Ready, 0, Encoding.UTF8.GetBytes(Environment.Version.ToString()));

while (true)
{
    var (type, number, payload) = connection.Receive();
    if (type == FrameType.Ping)
    {
        connection.Send(FrameType.Pong, 0, []);
        continue;
    }

    var headBytes = BitConverter.ToInt32(payload, 0);
    var head = payload.AsMemory(4, headBytes);
    var data = payload.AsMemory(4 + headBytes);
    if (type == FrameType.Load)
    {
        Load(number, head);
    }
    else if (type is FrameType.Run or FrameType.RunWithNewVariables)
    {
        Run(number, head, data);
    }
}

void Load(uint number, ReadOnlyMemory<byte> head)
{
    using var settings = JsonDocument.Parse(head);
    var root = settings.RootElement;
    logBytesMax = root.GetProperty("logBytesMax").GetInt32();
    oneAtATime = root.GetProperty("concurrency").GetInt32() == 1;
    foreach (var variable in root.GetProperty("env").EnumerateObject().Concat(root.GetProperty("context").EnumerateObject()))
    {
        Environment.SetEnvironmentVariable(variable.Name, variable.Value.GetString());
    }

    var activation = Activation.Begin(connection, number, logBytesMax);
    try
    {
        entryPoint = EntryPoint.Load(codeFolder, root.GetProperty("main").GetString()!);
        activation.End(FrameType.Loaded, entryPoint.Compiled);
    }
    catch (Exception exception)
    {
        var text = exception is LoadException ? exception.Message : exception.ToString();
        Console.Error.WriteLine(text);
        activation.End(FrameType.LoadFailed, "Initialization has failed due to: " + text);
    }

    Activation.Leave();
}

void Run(uint number, ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> data)
{
    var variables = JsonSerializer.Deserialize(head.Span, VariablesJson.Default.DictionaryStringString)!;
    if (oneAtATime)
    {
        foreach (var (name, value) in variables)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    _ = Task.Run(async () =>
    {
        var activation = Activation.Begin(connection, number, logBytesMax);
        try
        {
            var answer = await entryPoint!.InvokeAsync(data, variables);
            if (answer is null)
            {
                activation.End(FrameType.RunFailed, "The action did not return a dictionary or array.");
            }
            else
            {
                activation.End(FrameType.Answer, answer);
            }
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(exception);
            activation.End(FrameType.RunFailed, $"An error has occurred: {exception.GetType().Name}: {exception.Message}");
        }
    });
}
