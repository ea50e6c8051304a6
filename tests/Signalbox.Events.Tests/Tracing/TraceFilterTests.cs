using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Tracing;

namespace Signalbox.Events.Tests.Tracing;

public sealed class TraceFilterTests
{
    private static readonly byte[][] _documents =
        [.. new[] { 200, 503, 204, 400, 604 }.Select(code => Encoding.UTF8.GetBytes("{\"trace\":{\"tracingResponse\":{\"responseCode\":" + code + "}}}"))];

    [Theory]
    [InlineData("", new[] { 200, 503, 204, 400, 604 })]
    [InlineData("?status=all", new[] { 200, 503, 204, 400, 604 })]
    [InlineData("?status=success", new[] { 200, 204 })]
    [InlineData("?status=error", new[] { 503, 400, 604 })]
    [InlineData("?response_code=604,200", new[] { 200, 604 })]
    [InlineData("?status=error&response_code=200,400", new[] { 400 })]
    public void A_list_shows_only_what_is_asked_for(string query, int[] codes)
    {
        Assert.False(Parse(query).IsRefused(out _, out var filter));

        Assert.Equal(codes, filter.Choose(_documents).Select(d => JsonElement.Parse(d).GetProperty("trace").GetProperty("tracingResponse").GetProperty("responseCode").GetInt32()));
    }

    [Theory, InlineData("?status=bad", "'bad'"), InlineData("?response_code=12", "'12'"), InlineData("?response_code=200,x", "'x'")]
    public void A_filter_that_is_none_is_named(string query, string named)
    {
        Assert.True(Parse(query).IsRefused(out var refusal, out _));
        Assert.Equal(400, refusal.Status);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    private static Signalbox.Events.Edge.Outcome<TraceFilter> Parse(string query) =>
        TraceFilter.Parse(new QueryCollection(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query)));
}
