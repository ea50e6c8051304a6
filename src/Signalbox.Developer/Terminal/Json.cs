using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signalbox.Developer.Terminal;

/// <summary>JSON as people, and programs, like to read it.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions _oneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Indented(JsonNode? node) => node?.ToJsonString(_indented) ?? "null";

    public static string OneLine(JsonNode? node) => node?.ToJsonString(_oneLine) ?? "null";
}
