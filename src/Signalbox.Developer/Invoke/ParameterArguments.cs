using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signalbox.Developer.Invoke;

/// <summary>The arguments of an invocation: <c>--param-file</c> below <c>--param KEY VALUE</c>.</summary>
internal sealed class ParameterArguments
{
    private readonly Option<string[]> _parameters = new("--param", "-p")
    {
        Description = "An argument: a name and a value, which is JSON or else text. Can be repeated",
        HelpName = "KEY VALUE",
        Arity = new ArgumentArity(2, 10_000),
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _file = new("--param-file", "-P")
    {
        Description = "A file with a JSON object of arguments; - is standard input",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Add(_parameters);
        command.Add(_file);
    }

    /// <exception cref="DeveloperException">They cannot be read.</exception>
    public JsonObject Read(ParseResult parsed)
    {
        var arguments = parsed.GetValue(_file) is { } file ? ReadFile(file) : [];
        var words = parsed.GetValue(_parameters) ?? [];
        if (words.Length % 2 != 0)
        {
            throw new DeveloperException($"--param takes a name and a value each time; '{words[^1]}' has no value. The action's name goes before the first --param.");
        }

        foreach (var pair in words.Chunk(2))
        {
            arguments[pair[0]] = ParseValue(pair[1]);
        }

        return arguments;
    }

    /// <summary>JSON when it is JSON, else the text itself: <c>3</c> is a number, <c>Ada</c> a text.</summary>
    internal static JsonNode? ParseValue(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static JsonObject ReadFile(string file)
    {
        try
        {
            var text = file == "-" ? Console.In.ReadToEnd() : File.ReadAllText(file);
            return JsonNode.Parse(text) as JsonObject
                ?? throw new DeveloperException($"--param-file: '{file}' holds JSON that is not an object, such as {{\"name\": \"Ada\"}}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DeveloperException($"--param-file: '{file}' cannot be read: {exception.Message}", exception);
        }
    }
}
