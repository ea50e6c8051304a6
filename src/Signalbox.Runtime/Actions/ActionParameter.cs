using System.Text.Json;

namespace Signalbox.Runtime.Actions;

/// <summary>A default parameter or an annotation.</summary>
/// <param name="IsInit">It goes into the environment when the code is loaded, not into the arguments.</param>
public sealed record ActionParameter(string Key, JsonElement Value, bool IsInit);
