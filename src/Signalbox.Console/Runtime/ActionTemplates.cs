namespace Signalbox.WebConsole.Runtime;

/// <summary>What a new action starts from.</summary>
internal static class ActionTemplates
{
    private const string JavaScript = """
        // Called with the arguments; answers a JSON object. As a registration's target, the event is in params.event.
        function main(params) {
          const name = params.name || 'world';
          console.log('greeting', name);
          return { greeting: `Hello, ${name}!` };
        }
        """;

    private const string Python = """
        # Called with the arguments; answers a JSON object. As a registration's target, the event is in args["event"].
        def main(args):
            name = args.get("name", "world")
            print("greeting", name)
            return {"greeting": f"Hello, {name}!"}
        """;

    private const string CSharp = """
        using System.Text.Json.Nodes;

        // Called with the arguments; answers a JSON object.
        public static class Hello
        {
            public static JsonObject Main(JsonObject args)
            {
                var name = (string?)args["name"] ?? "world";
                System.Console.WriteLine($"greeting {name}");
                return new JsonObject { ["greeting"] = $"Hello, {name}!" };
            }
        }
        """;

    public static bool Has(string kind) => Of(kind).Length > 0;

    public static string Of(string kind) => kind.Split(':')[0] switch
    {
        "nodejs" => JavaScript,
        "python" => Python,
        "dotnet" => CSharp,
        _ => "",
    };

    /// <summary>The editor's language for a kind.</summary>
    public static string Language(string kind) => kind.Split(':')[0] switch { "nodejs" => "javascript", "python" => "python", _ => "text" };
}
