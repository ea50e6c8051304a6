using System.Diagnostics;
using System.Text;
using Signalbox.Filtering.Tests.Reference;

namespace Signalbox.Filtering.Tests;

public sealed class MalformedInputTests
{
    private static readonly string[] Crumbs =
    [
        "{", "}", "[", "]", "\"", ",", ":", "\\", "\\u", "\\ud800", "$or", "prefix", "numeric", "anything-but", "exists", "cidr", "null",
        "true", "1e999999999", "-", "0", ".", "/", "\0", "\n", "é", "😀", "10.0.0.0/8", "::", "=", "<", "{\"a\":", "[[[[[[[[",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Mutated_filters_give_a_filter_or_an_error_with_a_place(int seed)
    {
        var time = Stopwatch.StartNew();
        for (var i = 0; i < 4_000; i++)
        {
            var generator = new Generator(seed * 100_000 + i);
            var text = Mutated(generator, generator.Filter());
            var parsed = EventFilter.Parse(text);
            if (parsed.IsValid)
            {
                parsed.Filter.Matches(Encoding.UTF8.GetBytes(generator.Event()));
                continue;
            }
            var error = parsed.Error;
            Assert.True(error.Message.Length > 0 && error.Line >= 1 && error.Column >= 1, $"seed {seed}, {i}: {text}");
            Assert.True(error.Line <= text.Count(c => c == '\n') + 1 && error.Column <= text.Length + 1, $"seed {seed}, {i}: {error} in {text}");
        }
        Assert.True(time.Elapsed < TimeSpan.FromSeconds(60), $"took {time.Elapsed}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Mutated_events_are_matched_or_refused(int seed)
    {
        var time = Stopwatch.StartNew();
        var index = new FilterIndex<int>();
        for (var i = 0; i < 300; i++)
        {
            if (EventFilter.Parse(new Generator(seed * 100_000 + i).Filter()).Filter is { } filter) index.Set(i, filter);
        }
        var matches = new List<int>();
        for (var i = 0; i < 4_000; i++)
        {
            var generator = new Generator(seed * 200_000 + i);
            var bytes = Encoding.UTF8.GetBytes(generator.Below(20) == 0 ? generator.Event() : Mutated(generator, generator.Event()));
            for (var damage = generator.Below(3); damage > 0 && bytes.Length > 0; damage--)
            {
                bytes[generator.Below(bytes.Length)] = (byte)generator.Below(256);
            }
            matches.Clear();
            Assert.Equal(IsObject(bytes), index.TryMatch(bytes, matches));
        }
        Assert.True(time.Elapsed < TimeSpan.FromSeconds(60), $"took {time.Elapsed}");
    }

    [Fact]
    public void Random_bytes_are_refused()
    {
        var random = new Random(5);
        var index = new FilterIndex<int>();
        index.Set(1, EventFilter.Parse("""{"a":[{"exists":false}]}""").Filter!);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            Assert.Equal(IsObject(bytes), index.TryMatch(bytes, []));
            Assert.False(EventFilter.Parse(Encoding.Latin1.GetString(bytes)).IsValid);
        }
    }

    /// <summary>What the platform's own reader says, which also looks into every member.</summary>
    private static bool IsObject(byte[] bytes)
    {
        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(bytes);
            using var document = System.Text.Json.JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind == System.Text.Json.JsonValueKind.Object;
        }
        catch (Exception refused) when (refused is System.Text.Json.JsonException or DecoderFallbackException)
        {
            return false;
        }
    }

    private static string Mutated(Generator generator, string text)
    {
        for (var change = 1 + generator.Below(3); change > 0; change--)
        {
            var place = generator.Below(text.Length + 1);
            var length = Math.Min(generator.Below(6), text.Length - place);
            text = generator.Below(4) switch
            {
                0 => text.Remove(place, length),
                1 => text.Insert(place, Crumbs[generator.Below(Crumbs.Length)]),
                2 => text.Insert(generator.Below(text.Length + 1), text.Substring(place, length)),
                _ => text[..place] + Crumbs[generator.Below(Crumbs.Length)] + text[(place + length)..],
            };
        }
        return text;
    }
}
