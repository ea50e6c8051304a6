using System.Text.Json.Serialization;

namespace Signalbox.Launcher;

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class VariablesJson : JsonSerializerContext;
