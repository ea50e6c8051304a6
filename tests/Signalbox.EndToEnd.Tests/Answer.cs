using System.Net;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>What the server answered.</summary>
public sealed record Answer(string Request, HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string Text)
{
    /// <summary>The body's JSON.</summary>
    public JsonNode Json
    {
        get
        {
            try
            {
                return JsonNode.Parse(Text)!;
            }
            catch (System.Text.Json.JsonException)
            {
                throw new InvalidOperationException($"The answer is not JSON: {this}");
            }
        }
    }

    /// <summary>This answer, when it has the status; else the test fails and says what came.</summary>
    public Answer Expect(HttpStatusCode expected) =>
        Status == expected ? this : throw new Xunit.Sdk.XunitException($"Expected {(int)expected}, but {this}");

    public override string ToString() => $"{Request} answered {(int)Status}: {Text}";
}
