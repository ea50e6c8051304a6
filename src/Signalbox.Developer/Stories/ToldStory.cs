using System.Text.Json.Nodes;

namespace Signalbox.Developer.Stories;

/// <summary>A story that was asked for.</summary>
/// <param name="Story">As the story API answers it.</param>
/// <param name="Older">The events to which their publisher gave the same id earlier, newest first, by the service's ids.</param>
internal sealed record ToldStory(JsonNode Story, IReadOnlyList<string> Older);
