using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Signalbox.Developer.Tests;

/// <summary>
/// Answers as a server's Events API does, for a workspace whose only registration is <c>mine</c>, and runs commands against
/// itself. Commands write to the process's one console: the classes that use it are a collection.
/// </summary>
internal sealed class EventsApiDouble : IDisposable
{
    private const string Registrations = "/events/org/project/workspace/registrations";

    private readonly HttpListener _listener = new();
    private readonly AppFolder _data = new();
    private readonly Dictionary<string, Queue<string>> _answers = [];
    private readonly HashSet<string> _refused = [];

    /// <param name="isBehindProxy">Its public URL, which console.json names, leads nowhere from here.</param>
    public EventsApiDouble(bool isBehindProxy = false)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        }

        _data.Write("console.json",
            $$"""
            {"project":{"id":"project","org":{"id":"org"},"workspace":{"id":"workspace","app_url":"{{(isBehindProxy ? "http://127.0.0.1:9/" : Url)}}","details":{"credentials":[
              {"integration_type":"oauth_server_to_server","oauth_server_to_server":{"client_id":"client","client_secrets":["secret"]} } ] } } } }
            """);
        if (isBehindProxy)
        {
            _data.Write("admin-url", Url + "\n");
        }

        _answers["POST /ims/token/v3"] = new(["""{"access_token":"token"}"""]);
        _answers["GET " + Registrations] = new(["""{"_embedded":{"registrations":[{"registration_id":"1","name":"mine"}]}}"""]);
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _ = ServeAsync();
    }

    private string Url { get; }

    /// <summary>What was asked for below the registration, with its query.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>What was sent below the registration.</summary>
    public List<string> Bodies { get; } = [];

    /// <summary>Answers a method and a path below the registration with these, in turn, and then with the last.</summary>
    public void Answer(string method, string path, params string[] bodies) => _answers[$"{method} {Registrations}/1{path}"] = new(bodies);

    /// <summary>The same for a path anywhere.</summary>
    public void AnswerAt(string method, string path, params string[] bodies) => _answers[$"{method} {path}"] = new(bodies);

    /// <summary>Answers 400 to a method and a path below the registration.</summary>
    public void Refuse(string method, string path, string body)
    {
        Answer(method, path, body);
        _refused.Add($"{method} {Registrations}/1{path}");
    }

    /// <summary>Runs a command as <c>signalbox</c> does.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var root = new RootCommand();
        foreach (var command in DeveloperCommands.Create(_data.Root))
        {
            root.Add(command);
        }

        var (standard, output) = (Console.Out, new StringWriter());
        Console.SetOut(output);
        try
        {
            var exitCode = await root.Parse([.. arguments, "--data", _data.Root]).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            return (exitCode, output.ToString());
        }
        finally
        {
            Console.SetOut(standard);
        }
    }

    public void Dispose()
    {
        _listener.Close();
        _data.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                var (method, url) = (context.Request.HttpMethod, context.Request.Url!);
                if (url.AbsolutePath.StartsWith(Registrations + "/1", StringComparison.Ordinal))
                {
                    Requests.Add($"{method} {url.PathAndQuery[(Registrations.Length + 2)..]}");
                    if (context.Request.HasEntityBody)
                    {
                        using var reader = new StreamReader(context.Request.InputStream);
                        Bodies.Add(await reader.ReadToEndAsync());
                    }
                }

                context.Response.StatusCode = _refused.Contains($"{method} {url.AbsolutePath}") ? 400 : 200;

                var answers = _answers[$"{method} {url.AbsolutePath}"];
                context.Response.Close(Encoding.UTF8.GetBytes(answers.Count > 1 ? answers.Dequeue() : answers.Peek()), willBlock: false);
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
