using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events.Egress;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Events.Tracing;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Tracing;

public sealed class TracingTests
{
    [Fact]
    public async Task A_trace_has_the_documented_shape()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        hook.Answer = context =>
        {
            context.Response.Headers["x-two"] = new[] { "a", "b" };
            return context.Response.WriteAsync("grüß \"dich\"");
        };
        var registration = way.Register(1, hook.Url);

        var accepted = await way.PublishAsync(1, registration);
        var request = await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);
        var document = Assert.Single(await way.TracesAsync(registration));
        var trace = document.GetProperty("trace");

        Assert.Equal(["event", "id", "date", "clientId", "registrationId", "trace"], document.EnumerateObject().Select(m => m.Name));
        Assert.Equal("2026-01-01T00:00:00.000Z", document.GetProperty("date").GetString());
        Assert.Equal(registration.Id.ToString(), document.GetProperty("registrationId").GetString());
        Assert.Equal(["ts", "deliveryTime", "tracingRequest", "tracingResponse", "insightsInfo"], trace.EnumerateObject().Select(m => m.Name));
        Assert.Equal(hook.Url.ToString(), trace.GetProperty("tracingRequest").GetProperty("requestUrl").GetString());
        Assert.Equal(Encoding.UTF8.GetString(request.Body), trace.GetProperty("tracingRequest").GetProperty("requestBody").GetString());
        Assert.Equal(
            request.Headers.OrderBy(h => h.Key, StringComparer.Ordinal),
            trace.GetProperty("tracingRequest").GetProperty("requestHeaders").EnumerateObject()
                .Select(h => KeyValuePair.Create(h.Name, h.Value[0].GetString()!)).OrderBy(h => h.Key, StringComparer.Ordinal));
        Assert.Equal("grüß \"dich\"", trace.GetProperty("tracingResponse").GetProperty("responseBody").GetString());
        Assert.Equal(2, trace.GetProperty("tracingResponse").GetProperty("responseHeaders").GetProperty("x-two").GetArrayLength());
        Assert.Equal(accepted.EventId.ToString("D"), trace.GetProperty("insightsInfo")[0].GetProperty("eventIds")[0].GetString());
    }

    [Theory]
    [InlineData("text/plain; charset=iso-8859-1", "677286DF", "gr\u0086\u00df")]
    [InlineData("text/plain; charset=\"ISO-8859-1\"", "E9", "é")]
    [InlineData("text/plain; charset=us-ascii", "6180", "a\uFFFD")]
    [InlineData("text/plain; charset=utf-16", "FFFEE900", "é")]
    [InlineData("text/plain; charset=utf-16", "FEFF00E9", "é")]
    [InlineData("text/plain; charset=utf-16be", "00E9", "é")]
    [InlineData("text/plain; charset=utf-8", "C3A9", "é")]
    [InlineData("text/plain; charset=koi8-r", "E9", "\uFFFD")]
    [InlineData("nonsense; charset", "E9", "\uFFFD")]
    public async Task A_body_is_shown_in_the_encoding_that_its_content_type_names(string contentType, string body, string shown)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        hook.Answer = context =>
        {
            context.Response.ContentType = contentType;
            return context.Response.Body.WriteAsync(Convert.FromHexString(body)).AsTask();
        };
        var registration = way.Register(1, hook.Url);

        await way.PublishAsync(1, registration);
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);

        var response = Assert.Single(await way.TracesAsync(registration)).GetProperty("trace").GetProperty("tracingResponse");
        Assert.Equal(shown, response.GetProperty("responseBody").GetString());
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3)]
    public async Task A_long_body_is_cut_at_64_KB_between_characters(int shift)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        hook.Answer = context => context.Response.WriteAsync(new string('a', shift) + string.Concat(Enumerable.Repeat("😀", 40_000)));
        var registration = way.Register(1, hook.Url);

        await way.PublishAsync(1, registration);
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);

        var body = Assert.Single(await way.TracesAsync(registration)).GetProperty("trace").GetProperty("tracingResponse").GetProperty("responseBody").GetString()!;
        Assert.EndsWith("😀", body, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(body), (64 << 10) - 3, 64 << 10);
    }

    [Fact]
    public async Task A_long_body_that_is_no_text_is_cut_at_64_KB_of_what_is_shown()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        var noise = new byte[70_000];
        Array.Fill(noise, (byte)0xff);
        hook.Answer = context => context.Response.Body.WriteAsync(noise).AsTask();
        var registration = way.Register(1, hook.Url);

        await way.PublishAsync(1, registration);
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);

        var body = Assert.Single(await way.TracesAsync(registration)).GetProperty("trace").GetProperty("tracingResponse").GetProperty("responseBody").GetString()!;
        Assert.Equal(new string('\ufffd', (64 << 10) / 3), body);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task The_newest_100_successes_and_100_errors_are_kept_and_nothing_older_than_7_days(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        using var traces = new TraceStore(test.Database, test.Clock);
        for (var i = 1; i <= 300; i++)
        {
            await traces.InsertAsync(Trace(test, i, isSuccess: i % 2 == 0), CancellationToken.None);
        }

        var shown = await traces.ListAsync(1, CancellationToken.None);
        var kept = await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM traces"));
        Assert.Equal(Enumerable.Range(101, 200).Reverse(), shown.Select(d => JsonDocument.Parse(d).RootElement.GetInt32()));
        Assert.InRange(kept, 200, 300 - 1);

        test.Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromMilliseconds(1));
        Assert.Empty(await traces.ListAsync(1, CancellationToken.None));
        Assert.Equal(150, await traces.DeleteAsync(test.Clock.GetUtcNow() - TraceStore.Retention, 150, CancellationToken.None));
        await traces.DeleteAsync(test.Clock.GetUtcNow() - TraceStore.Retention, 500, CancellationToken.None);
        Assert.Equal(0, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM traces")));
    }

    [Fact]
    public async Task Old_traces_go_however_many_registrations_there_are()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var traces = new TraceStore(test.Database, test.Clock);
        var prunes = new Dictionary<long, int>();
        for (var round = 0; round < 100; round++)
        {
            for (var registration = 1; registration <= 10_001; registration++)
            {
                var prepared = traces.Prepare(new DeliveryTrace
                {
                    RegistrationKey = registration,
                    DeliveryId = "d",
                    EventCode = "e",
                    IsSuccess = false,
                    Provider = "p",
                    Code = 503,
                    Duration = default,
                    AttemptedAt = default,
                    WriteDocument = () => [],
                    HeldBytes = 1,
                });
                prunes[registration] = prunes.GetValueOrDefault(registration) + (prepared.Prunes ? 1 : 0);
            }

            test.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(prunes.Values.Sum(), 15_000, 25_000);
        Assert.InRange(prunes.Values.Count(count => count > 0), 8_000, 10_001);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Of_many_successes_at_once_only_the_newest_100_are_written_and_a_reader_sees_them(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        using var traces = new TraceStore(test.Database, test.Clock);
        for (var i = 1; i <= 250; i++)
        {
            Assert.True(traces.TryHold(Trace(test, i, isSuccess: true)));
        }

        Assert.False(traces.TryHold(Trace(test, 251, isSuccess: false)));
        Assert.Equal(0, await CountAsync(test));

        var shown = await traces.ListAsync(1, CancellationToken.None);

        Assert.Equal(Enumerable.Range(151, 100).Reverse(), shown.Select(d => JsonDocument.Parse(d).RootElement.GetInt32()));
        Assert.Equal(100, await CountAsync(test));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Traces_of_a_start_with_an_earlier_clock_are_the_newest(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        using (var before = new TraceStore(test.Database, test.Clock))
        {
            await before.InsertAsync(Trace(test, 1, isSuccess: false), CancellationToken.None);
        }

        test.Clock.AdjustTime(test.Clock.GetUtcNow() - TimeSpan.FromHours(1));
        using var traces = new TraceStore(test.Database, test.Clock);
        await traces.ContinueKeysAsync(CancellationToken.None);
        await traces.InsertAsync(Trace(test, 2, isSuccess: false), CancellationToken.None);

        var shown = await traces.ListAsync(1, CancellationToken.None);
        Assert.Equal([2, 1], shown.Select(d => JsonDocument.Parse(d).RootElement.GetInt32()));
    }

    [Fact]
    public async Task A_success_is_written_within_a_second_and_before_the_end()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var traces = new TraceStore(test.Database, test.Clock);
        using var flusher = new TraceFlusher(traces, test.Clock, NullLogger<TraceFlusher>.Instance);
        await flusher.StartAsync(CancellationToken.None);

        traces.TryHold(Trace(test, 1, isSuccess: true));
        await DeliveryEngine.UntilAsync(async () =>
        {
            test.Clock.Advance(TimeSpan.FromSeconds(1));
            return await CountAsync(test) == 1;
        });
        traces.TryHold(Trace(test, 2, isSuccess: true));
        await flusher.StopAsync(CancellationToken.None);

        Assert.Equal(2, await CountAsync(test));
    }

    [Fact]
    public void A_response_of_many_short_headers_counts_as_what_it_takes()
    {
        var exchange = new Exchange
        {
            Request = new OutgoingRequest { Method = HttpMethod.Post, Url = new Uri("https://hook.example/"), Headers = [] },
            StartedAt = default,
            EndedAt = default,
            Code = 200,
            ResponseBody = default,
        };
        var before = GC.GetAllocatedBytesForCurrentThread();
        var many = exchange with { ResponseHeaders = [.. Enumerable.Range(0, 5_000).Select(n => KeyValuePair.Create<string, IReadOnlyList<string>>($"{n:x}", [$"{n}"]))] };
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(TraceDocument.EstimateBytes(many), taken / 3, taken * 3);
    }

    [Fact]
    public void What_finds_no_place_in_memory_is_written_at_once()
    {
        var held = new HeldTraces();
        var large = new DeliveryTrace
        {
            RegistrationKey = 1,
            DeliveryId = "large",
            EventCode = "c",
            Provider = "p",
            Code = 200,
            Duration = TimeSpan.Zero,
            IsSuccess = true,
            AttemptedAt = default,
            WriteDocument = () => [],
            HeldBytes = 9 << 20,
        };

        Assert.True(held.TryAdd(1, large, out var isFirst));
        Assert.True(isFirst);
        Assert.False(held.TryAdd(2, large, out _));
        Assert.Single(held.TakeAll().Traces);
        Assert.True(held.TryAdd(3, large, out _));
    }

    private static Task<long> CountAsync(TestDatabase test) =>
        test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM traces"));

    private static DeliveryTrace Trace(TestDatabase test, int number, bool isSuccess) => new()
    {
        RegistrationKey = 1,
        DeliveryId = $"{number}",
        EventCode = "c",
        Provider = "p",
        Code = isSuccess ? 200 : 500,
        Duration = TimeSpan.FromMilliseconds(number),
        IsSuccess = isSuccess,
        AttemptedAt = test.Clock.GetUtcNow(),
        WriteDocument = () => Encoding.UTF8.GetBytes($"{number}"),
        HeldBytes = 1,
    };
}
