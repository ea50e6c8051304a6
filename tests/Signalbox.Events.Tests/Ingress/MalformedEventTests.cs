using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Ingress;

namespace Signalbox.Events.Tests.Ingress;

/// <summary>Damaged events in every mode are taken or refused in words, never an error of ours. The seed replays a case.</summary>
public sealed class MalformedEventTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Damaged_structured_events_are_events_or_named_faults(int seed)
    {
        var (source, type) = (new char[CloudEventReader.RoutedLengthMax], new char[CloudEventReader.RoutedLengthMax]);
        for (var i = 0; i < 5_000; i++)
        {
            var generated = new GeneratedEvents((seed * 100_000) + i);
            var body = generated.Damaged(generated.Event());
            var reader = new CloudEventReader(body, source, type);
            var fault = reader.Read();
            if (fault is not null)
            {
                Assert.True(fault.Message.Length > 10, $"seed {seed}, {i}");
                continue;
            }

            using var document = JsonDocument.Parse(body);
            Assert.Equal(document.RootElement.GetProperty("id").GetString(), Encoding.UTF8.GetString(reader.Id));
            Assert.Equal(document.RootElement.GetProperty("type").GetString(), new string(type, 0, reader.TypeLength));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_batches_are_split_into_their_events_or_refused(int seed)
    {
        var options = new EventsOptions { PublishBatchEventsMax = 5 };
        var taken = 0;
        for (var i = 0; i < 3_000; i++)
        {
            var generated = new GeneratedEvents((seed * 100_000) + i);
            var body = generated.Damaged($"[{string.Join(", ", Enumerable.Range(0, generated.Below(7)).Select(_ => generated.Event()))}]");
            if (EventBatch.Split(body, options).IsRefused(out var refusal, out var events))
            {
                Assert.True(refusal.Status is 400 or 413, $"seed {seed}, {i}");
                continue;
            }

            taken++;
            using var document = JsonDocument.Parse(body);
            Assert.Equal(document.RootElement.EnumerateArray().Select(e => e.GetRawText()), events.Select(e => Encoding.UTF8.GetString(e)));
        }

        Assert.True(taken > 300, $"only {taken} batches were whole");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_binary_events_give_one_JSON_object_or_a_refusal(int seed)
    {
        for (var i = 0; i < 3_000; i++)
        {
            var generated = new GeneratedEvents((seed * 100_000) + i);
            var headers = new HeaderDictionary();
            foreach (var (name, value) in generated.Headers("urn:x"))
            {
                headers.Append(name, value);
            }

            var data = generated.Damaged(generated.Event());
            if (!BinaryEvent.ToStructured(headers, "application/json", data).IsRefused(out var refusal, out var structured))
            {
                using var document = JsonDocument.Parse(structured);
                Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
            }
            else
            {
                Assert.Equal(400, refusal.Status);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Over_HTTP_nothing_that_is_sent_is_an_error_of_the_server(int seed)
    {
        await using var server = await EventsServer.StartAsync(options: new EventsOptions { PublishesPerWindowMax = int.MaxValue });
        var provider = await server.CreateProviderAsync("a.b");
        var registration = await server.RegisterAsync("Mine", provider, "a.b");
        var filter = await server.SendAsync(
            HttpMethod.Post,
            $"{server.Workspace}/registrations/{registration.GetProperty("registration_id").GetString()}/filters",
            """{"name":"deep","subscriber_filter":"{\"data\":{\"a\":[{\"anything-but\":\"x\"}]}}"}""");
        Assert.Equal(HttpStatusCode.Created, filter.Status);
        string[] types =
        [
            "application/cloudevents+json", "application/cloudevents-batch+json", "application/json", "text/plain", "application/cloudevents+json; charset=latin1", ";", "",
        ];
        var statuses = new Dictionary<int, int>();
        for (var i = 0; i < 300; i++)
        {
            var generated = new GeneratedEvents((seed * 100_000) + i);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/ingress");
            foreach (var (name, value) in generated.Below(3) == 0 ? generated.Headers("urn:uuid:" + provider) : [])
            {
                // What the client itself refuses to send says nothing about the server.
                if (Ascii.IsValid(value))
                {
                    request.Headers.TryAddWithoutValidation(name, value);
                }
            }

            var text = generated.Event("urn:uuid:" + provider);
            var body = generated.Below(3) == 0 ? $"[{text},{text}]" : text;
            request.Content = new ByteArrayContent(generated.Below(2) == 0 ? Encoding.UTF8.GetBytes(body) : generated.Damaged(body));
            request.Content.Headers.TryAddWithoutValidation("content-type", generated.Below(2) == 0 ? types[0] : generated.One(types));
            using var response = await server.Http.SendAsync(request);
            statuses[(int)response.StatusCode] = statuses.GetValueOrDefault((int)response.StatusCode) + 1;
            Assert.True((int)response.StatusCode is 200 or 204 or 400 or 404 or 415, $"seed {seed}, {i}: {response.StatusCode}");
            if ((int)response.StatusCode >= 400 && (await response.Content.ReadAsStringAsync()) is { Length: > 0 } answer)
            {
                Assert.True(JsonElement.Parse(answer).GetProperty("message").GetString()!.Length > 10);
            }
        }

        Assert.True(statuses.GetValueOrDefault(200) > 2 && statuses.GetValueOrDefault(400) > 20, string.Join(", ", statuses));
    }
}
