using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;
using Signalbox.Identity;

namespace Signalbox.Events.Providers;

/// <summary>The HTTP API of event types and their samples (events behaviour, section 4).</summary>
internal static class EventMetadataEndpoints
{
    public static void MapEventMetadata(this IEndpointRouteBuilder routes)
    {
        var reads = routes.MapGroup("/events/providers/{providerId}/eventmetadata").RequireApiCaller();
        reads.MapGet("", ListAsync);
        reads.MapGet("/{eventCode}", GetAsync);
        reads.MapMethods("/{eventCode}/sample_event", ["GET", "HEAD"], GetSampleAsync);
        reads.MapPost("/{eventCode}/sample_event/{registrationId}", () => ApiRefusal.NotBuilt("Posting sample events"));

        var writes = routes.MapGroup("/events/{organizationId}/{projectId}/{workspaceId}/providers/{providerId}/eventmetadata")
            .RequireApiCaller().RequireWorkspace();
        writes.MapPost("", CreateAsync);
        writes.MapDelete("", DeleteAllAsync);
        writes.MapPut("/{eventCode}", UpdateAsync);
        writes.MapPatch("/{eventCode}", PatchAsync);
        writes.MapDelete("/{eventCode}", DeleteAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, string providerId, ProviderService providers)
    {
        if ((await FindAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        return Hal(
            new EventMetadataCollection
            {
                Embedded = EmbeddedEventMetadata.Of(context, provider),
                Links = new() { ["self"] = context.LinkTo($"/events/providers/{provider.Id}/eventmetadata") },
            },
            EventsJson.Default.EventMetadataCollection);
    }

    private static async Task<IResult> GetAsync(HttpContext context, string providerId, string eventCode, ProviderService providers)
    {
        if ((await FindAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        return provider.FindEvent(eventCode) is { } metadata
            ? Hal(EventMetadataResource.Of(context, provider, metadata), EventsJson.Default.EventMetadataResource)
            : ProviderService.UnknownEvent(provider, eventCode);
    }

    private static async Task<IResult> GetSampleAsync(
        HttpContext context, string providerId, string eventCode, ProviderService providers, TimeProvider clock)
    {
        if ((await FindAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        if (provider.FindEvent(eventCode) is not { } metadata)
        {
            return ProviderService.UnknownEvent(provider, eventCode);
        }

        if (SampleEvent.Compose(provider, metadata, clock.GetUtcNow()) is not { } payload)
        {
            return ApiRefusal.NotFound($"Event code '{metadata.EventCode}' has no sample. Give it a sample_event_template.");
        }

        return HttpMethods.IsHead(context.Request.Method)
            ? Results.Ok()
            : Hal(
                new SampleEventResource { Format = "cloud_events", SamplePayload = payload, Links = new() { ["self"] = context.LinkToSelf() } },
                EventsJson.Default.SampleEventResource);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, string providerId, ProviderService providers)
    {
        if ((await FindOwnAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider)
            || (await RequestBody.ReadJsonAsync(context, EventsJson.Default.EventMetadataBody)).IsRefused(out refusal, out var body)
            || (await providers.CreateEventAsync(provider, body, context.RequestAborted)).IsRefused(out refusal, out var metadata))
        {
            return refusal;
        }

        return Hal(EventMetadataResource.Of(context, provider, metadata), EventsJson.Default.EventMetadataResource, StatusCodes.Status201Created);
    }

    private static async Task<IResult> UpdateAsync(HttpContext context, string providerId, string eventCode, ProviderService providers)
    {
        if ((await FindOwnAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider)
            || (await RequestBody.ReadJsonAsync(context, EventsJson.Default.EventMetadataBody)).IsRefused(out refusal, out var body)
            || (await providers.UpdateEventAsync(provider, eventCode, body, context.RequestAborted)).IsRefused(out refusal, out var metadata))
        {
            return refusal;
        }

        return Hal(EventMetadataResource.Of(context, provider, metadata), EventsJson.Default.EventMetadataResource);
    }

    private static async Task<IResult> PatchAsync(HttpContext context, string providerId, string eventCode, ProviderService providers)
    {
        if ((await FindOwnAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        if (provider.FindEvent(eventCode) is not { } before)
        {
            return ProviderService.UnknownEvent(provider, eventCode);
        }

        var current = new EventMetadataBody
        {
            EventCode = before.EventCode,
            Label = before.Label,
            Description = before.Description,
            SampleEventTemplate = before.SampleEventTemplate,
        };
        if ((await JsonPatch.ReadAndApplyAsync(context, current, EventsJson.Default.EventMetadataBody)).IsRefused(out refusal, out var body)
            || (await providers.UpdateEventAsync(provider, eventCode, body, context.RequestAborted)).IsRefused(out refusal, out var after))
        {
            return refusal;
        }

        return after == before
            ? Results.NoContent()
            : Hal(EventMetadataResource.Of(context, provider, after), EventsJson.Default.EventMetadataResource);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string providerId, string eventCode, ProviderService providers)
    {
        if ((await FindOwnAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        return await providers.DeleteEventsAsync(provider, eventCode, context.RequestAborted) is { } objection ? objection : Results.NoContent();
    }

    private static async Task<IResult> DeleteAllAsync(HttpContext context, string providerId, ProviderService providers)
    {
        if ((await FindOwnAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        return await providers.DeleteEventsAsync(provider, null, context.RequestAborted) is { } objection ? objection : Results.NoContent();
    }

    private static ValueTask<Outcome<Provider>> FindAsync(HttpContext context, string providerId, ProviderService providers) =>
        providers.FindAsync(providerId, context.GetCaller().OrganizationId, context.RequestAborted);

    private static ValueTask<Outcome<Provider>> FindOwnAsync(HttpContext context, string providerId, ProviderService providers) =>
        providers.FindOwnAsync(providerId, context.GetWorkspace(), context.RequestAborted);

    private static IResult Hal<T>(T resource, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        Results.Json(resource, type, Edge.Hal.ContentType, status);
}
