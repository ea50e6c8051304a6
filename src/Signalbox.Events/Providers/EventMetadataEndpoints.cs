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
        var reads = routes.MapGroup("/events/providers/{providerId}/eventmetadata").RequireManagementCaller();
        reads.MapGet("", ListAsync);
        reads.MapGet("/{eventCode}", GetAsync);
        reads.MapMethods("/{eventCode}/sample_event", ["GET", "HEAD"], GetSampleAsync);
        reads.MapPost("/{eventCode}/sample_event/{registrationId}", PostSampleAsync);

        var writes = routes.MapGroup("/events/{organizationId}/{projectId}/{workspaceId}/providers/{providerId}/eventmetadata")
            .RequireManagementCaller().RequireWorkspace();
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

    private static async Task<IResult> GetAsync(
        HttpContext context, string providerId, string eventCode, ProviderService providers, TimeProvider clock)
    {
        if ((await FindAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        return provider.FindEvent(eventCode) is { } metadata
            ? Show(context, provider, metadata, SampleEvent.Compose(provider, metadata, clock.GetUtcNow()))
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
            : Hal(SampleEventResource.Of(context, provider, metadata, payload), EventsJson.Default.SampleEventResource);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, string providerId, ProviderService providers)
    {
        if ((await FindOwnAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider)
            || (await RequestBody.ReadJsonAsync(context, EventsJson.Default.EventMetadataBody)).IsRefused(out refusal, out var body)
            || (await providers.CreateEventAsync(provider, body, context.RequestAborted)).IsRefused(out refusal, out var metadata))
        {
            return refusal;
        }

        context.Response.Headers.Location = context.LinkTo(EventMetadataResource.Path(provider, metadata)).Href;
        return Show(context, provider, metadata, status: StatusCodes.Status201Created);
    }

    private static async Task<IResult> UpdateAsync(HttpContext context, string providerId, string eventCode, ProviderService providers) =>
        (await FindOwnAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider)
        || IfMatch.Parse(context).IsRefused(out refusal, out var condition)
        || (await RequestBody.ReadJsonAsync(context, EventsJson.Default.EventMetadataBody)).IsRefused(out refusal, out var body)
        || (await providers.UpdateEventAsync(provider, eventCode, condition, _ => body, context.RequestAborted)).IsRefused(out refusal, out var updated)
            ? refusal
            : Show(context, provider, updated.Metadata);

    private static async Task<IResult> PatchAsync(HttpContext context, string providerId, string eventCode, ProviderService providers)
    {
        if ((await FindOwnAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider)
            || IfMatch.Parse(context).IsRefused(out refusal, out var condition)
            || (await JsonPatch.ReadAsync(context)).IsRefused(out refusal, out var patch)
            || (await providers.UpdateEventAsync(
                provider, eventCode, condition, current => patch.ApplyTo(current, EventsJson.Default.EventMetadataBody), context.RequestAborted))
                .IsRefused(out refusal, out var updated))
        {
            return refusal;
        }

        if (updated.Changed)
        {
            return Show(context, provider, updated.Metadata);
        }

        context.Response.Headers.ETag = updated.Metadata.Tag;
        return Results.NoContent();
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string providerId, string eventCode, ProviderService providers) =>
        (await FindOwnAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider)
        || IfMatch.Parse(context).IsRefused(out refusal, out var condition)
            ? refusal
            : await providers.DeleteEventAsync(provider, eventCode, condition, context.RequestAborted) is { } objection ? objection : Results.NoContent();

    private static async Task<IResult> DeleteAllAsync(HttpContext context, string providerId, ProviderService providers)
    {
        if ((await FindOwnAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        await providers.DeleteEventsAsync(provider, context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> PostSampleAsync(
        HttpContext context, string providerId, string eventCode, string registrationId, ProviderService providers, SampleDelivery samples)
    {
        if ((await FindAsync(context, providerId, providers)).IsRefused(out var refusal, out var provider))
        {
            return refusal;
        }

        if (provider.FindEvent(eventCode) is not { } metadata)
        {
            return ProviderService.UnknownEvent(provider, eventCode);
        }

        if ((await RequestBody.ReadJsonBytesAsync(context)).IsRefused(out refusal, out var payload)
            || (await samples.PostAsync(provider, metadata, registrationId, payload, context.RequestAborted)).IsRefused(out refusal, out var posted))
        {
            return refusal;
        }

        return posted == PostedSampleResource.Nothing ? Results.NoContent() : Results.Json(posted, EventsJson.Default.PostedSampleResource, "application/json");
    }

    private static ValueTask<Outcome<Provider>> FindAsync(HttpContext context, string providerId, ProviderService providers) =>
        providers.FindAsync(providerId, context.GetCaller().OrganizationId, context.RequestAborted);

    private static ValueTask<Outcome<Provider>> FindOwnAsync(HttpContext context, string providerId, ProviderService providers) =>
        providers.FindOwnAsync(providerId, context.GetWorkspace(), context.RequestAborted);

    private static IResult Show(
        HttpContext context, Provider provider, EventMetadata metadata, string? sample = null, int status = StatusCodes.Status200OK)
    {
        context.Response.Headers.ETag = metadata.Tag;
        return Hal(EventMetadataResource.Of(context, provider, metadata, sample), EventsJson.Default.EventMetadataResource, status);
    }

    private static IResult Hal<T>(T resource, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        Results.Json(resource, type, Edge.Hal.ContentType, status);
}
