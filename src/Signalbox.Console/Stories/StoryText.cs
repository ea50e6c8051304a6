using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Signalbox.Events.DeadLetters;
using Signalbox.WebConsole.Components;
using Signalbox.WebConsole.Registrations;

namespace Signalbox.WebConsole.Stories;

/// <summary>The sentences of a story, which speak as the API does, in the words of the console.</summary>
internal static partial class StoryText
{
    private static readonly IReadOnlyDictionary<string, string> _reasons = Enum.GetValues<DeadLetterReason>().ToDictionary(
        reason => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()), reason => DeadLetterText.Title(reason).ToLowerInvariant());

    public static string Show(string sentence) => Reason().Replace(
        Time().Replace(sentence, time => Timestamp.Absolute(DateTimeOffset.Parse(time.Value, CultureInfo.InvariantCulture))),
        reason => _reasons.TryGetValue(reason.Groups["reason"].Value, out var title) ? $"({title})" : reason.Value);

    [GeneratedRegex(@"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\b")]
    private static partial Regex Time();

    [GeneratedRegex(@"\((?<reason>[a-z_]+)\)")]
    private static partial Regex Reason();
}
