using System.Text.Json;
using System.Text.RegularExpressions;

namespace Signalbox.Events.Edge;

/// <summary>
/// What is wrong with a member of a body, in the words of the API. The serializer tells it in its messages alone; of one
/// that is not known here, the answer says less.
/// </summary>
internal static partial class JsonFault
{
    /// <summary>What follows the member's name.</summary>
    public static string Explain(JsonException exception) => exception.InnerException switch
    {
        FormatException => "is not a whole number, or too large",
        InvalidOperationException inner when WrongScalar.Match(inner.Message) is { Success: true } wrong =>
            $"is {Given(wrong.Groups["given"].Value)}. It must be {Expected(wrong.Groups["expected"].Value)}",
        null when exception.Message.StartsWith("Duplicate property", StringComparison.Ordinal) => "is given twice. Remove one",
        null when exception.Message.Contains("could not be mapped", StringComparison.Ordinal) => "is not known here. Remove it, or correct its name",
        null when exception.Message.Contains("List`1", StringComparison.Ordinal) => "is of the wrong type. It must be an array",
        null => "is of the wrong type. It must be an object",
        _ => "is malformed",
    };

    private static string Given(string token) => token switch
    {
        "StartObject" => "an object",
        "StartArray" => "an array",
        "Number" => "a number",
        "String" => "a string",
        "Null" => "null",
        _ => token.ToLowerInvariant(),
    };

    private static string Expected(string type) => type == "boolean" ? "true or false" : "a " + type;

    [GeneratedRegex("^Cannot get the value of a token type '(?<given>[A-Za-z]+)' as a (?<expected>string|number|boolean)")]
    private static partial Regex WrongScalar { get; }
}
