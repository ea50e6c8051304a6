using System.Net.Mime;
using System.Text;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.Http;
using CloudNative.CloudEvents.SystemTextJson;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Ingress;

namespace Signalbox.Events.Tests.Ingress;

/// <summary>
/// The same events are given to the maintained CloudEvents SDK. What it takes is taken and what it refuses is refused,
/// but for the differences that are listed here.
/// </summary>
public sealed class CloudEventsSdkTests
{
    private static readonly JsonEventFormatter _formatter = new();

    /// <summary>Differences by a part of the refusing side's message, and why they are right.</summary>
    private static readonly (string Message, string Why)[] _strictHere =
    [
        ("'datacontenttype' must be application/json", "the service takes JSON only"),
        ("'ce-datacontenttype' is no attribute", "the content type says it; the SDK checks the header and then drops it"),
        ("'source' holds a character", "control characters are not allowed in an attribute; the SDK's URI type lets them pass"),
        ("is no attribute name", "the SDK does not look at the name of an attribute whose value is null"),
        ("is not an RFC 3339 timestamp", "the SDK takes some that RFC 3339 has not"),
        ("is given twice", "readers of JSON do not agree which of two equal names counts"),
    ];

    private static readonly (string Message, string Why)[] _strictThere =
    [
        ("does not represent a CloudEvent", "older clients leave out specversion (profile adobe)"),
        ("One of the identified items was in an invalid format", "the service keeps numbers of every size and form in extensions"),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Structured_events_are_taken_and_refused_as_the_SDK_does(int seed)
    {
        var counts = new Dictionary<(bool Here, bool There), int>();
        var unexplained = new List<string>();
        for (var i = 0; i < 3_000; i++)
        {
            var text = new GeneratedEvents((seed * 100_000) + i).Event();
            if (HasDuplicates(text))
            {
                // Refused here for the one or the other; the SDK looks at the last.
                Assert.NotNull(Here(Encoding.UTF8.GetBytes(text)));
                continue;
            }

            var bytes = Encoding.UTF8.GetBytes(text);
            Compare($"seed {seed}, {i}: {text}", Here(bytes), There(() => _formatter.DecodeStructuredModeMessage(bytes, new ContentType("application/cloudevents+json"), null)), counts, unexplained);
        }

        Assert.True(unexplained.Count == 0, $"{unexplained.Count} differ:\n{string.Join('\n', unexplained.Take(40))}");
        Assert.True(counts.GetValueOrDefault((true, true)) > 300 && counts.GetValueOrDefault((false, false)) > 300, "the generator is worth little");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Binary_events_are_taken_and_refused_and_read_as_the_SDK_does(int seed)
    {
        var counts = new Dictionary<(bool Here, bool There), int>();
        var unexplained = new List<string>();
        for (var i = 0; i < 3_000; i++)
        {
            var generated = new GeneratedEvents((seed * 100_000) + i).Headers("urn:x");
            using var message = new HttpRequestMessage { Content = new ByteArrayContent("{}"u8.ToArray()) };
            message.Content.Headers.TryAddWithoutValidation("content-type", "application/json");
            var headers = new HeaderDictionary();
            foreach (var (name, value) in generated)
            {
                // What a header cannot be at all does not come to either.
                if (!headers.ContainsKey(name) && Ascii.IsValid(value) && message.Headers.TryAddWithoutValidation(name, value))
                {
                    headers[name] = value;
                }
            }

            byte[]? structured = null;
            var here = BinaryEvent.ToStructured(headers, "application/json", "{}"u8).IsRefused(out var refusal, out structured) ? refusal.Message : Here(structured);
            var there = There(() => message.ToCloudEventAsync(_formatter).GetAwaiter().GetResult(), out var theirs);
            var what = $"seed {seed}, {i}: {string.Join(", ", headers.Select(h => $"{h.Key}: {h.Value}"))}";
            Compare(what, here, there, counts, unexplained);
            if (here is null && theirs is not null)
            {
                var ours = _formatter.DecodeStructuredModeMessage(structured, new ContentType("application/cloudevents+json"), null);
                Assert.Equal(Attributes(theirs), Attributes(ours));
            }
        }

        Assert.True(unexplained.Count == 0, $"{unexplained.Count} differ:\n{string.Join('\n', unexplained.Take(40))}");
        Assert.True(counts.GetValueOrDefault((true, true)) > 300 && counts.GetValueOrDefault((false, false)) > 300, "the generator is worth little");
    }

    private static bool HasDuplicates(string text)
    {
        using var document = System.Text.Json.JsonDocument.Parse(text);
        var names = document.RootElement.EnumerateObject().Select(m => m.Name).ToList();
        return names.Distinct().Count() < names.Count;
    }

    private static IEnumerable<string> Attributes(CloudEvent read) =>
        read.GetPopulatedAttributes().Select(a => $"{a.Key.Name}={a.Key.Format(a.Value)}").Order(StringComparer.Ordinal);

    private static void Compare(string what, string? here, string? there, Dictionary<(bool Here, bool There), int> counts, List<string> unexplained)
    {
        counts[(here is null, there is null)] = counts.GetValueOrDefault((here is null, there is null)) + 1;
        if ((here is null && there is not null && !_strictThere.Any(d => there.Contains(d.Message, StringComparison.Ordinal)))
            || (here is not null && there is null && !_strictHere.Any(d => here.Contains(d.Message, StringComparison.Ordinal))))
        {
            unexplained.Add($"here: {here ?? "taken"} | there: {there ?? "taken"} | {what}");
        }
    }

    private static string? Here(byte[] body)
    {
        Span<char> source = stackalloc char[CloudEventReader.RoutedLengthMax];
        Span<char> type = stackalloc char[CloudEventReader.RoutedLengthMax];
        return new CloudEventReader(body, source, type).Read()?.Message;
    }

    private static string? There(Func<CloudEvent> read) => There(read, out _);

    private static string? There(Func<CloudEvent> read, out CloudEvent? taken)
    {
        try
        {
            taken = read();
            return null;
        }
        catch (Exception refused) when (refused is ArgumentException or System.Text.Json.JsonException or InvalidOperationException or FormatException)
        {
            taken = null;
            return $"{refused.GetType().Name}: {refused.Message}";
        }
    }
}
