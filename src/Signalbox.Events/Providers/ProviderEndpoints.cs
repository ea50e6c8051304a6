using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;
using Signalbox.Identity;

namespace Signalbox.Events.Providers;

/// <summary>The HTTP API of providers (events behaviour, section 3).</summary>
internal static class ProviderEndpoints
{
    public static void MapProviders(this IEndpointRouteBuilder routes)
    {
        var reads = routes.MapGroup("/events").RequireManagementCaller();
        reads.MapGet("/providermetadata", ListFamilies);
        reads.MapGet("/{organizationId}/providers", ListAsync);
        reads.MapGet("/providers/{providerId}", GetAsync);

        var writes = routes.MapGroup("/events/{organizationId}/{projectId}/{workspaceId}/providers").RequireManagementCaller().RequireWorkspace();
        writes.MapPost("", CreateAsync);
        writes.MapPut("/{providerId}", UpdateAsync);
        writes.MapPatch("/{providerId}", PatchAsync);
        writes.MapDelete("/{providerId}", DeleteAsync);
    }

    private static IResult ListFamilies(HttpContext context) => Hal(
        new ProviderFamilyCollection
        {
            Embedded = new EmbeddedProviderFamilies(ProviderFamily.All),
            Links = new() { ["self"] = context.LinkToSelf() },
        },
        EventsJson.Default.ProviderFamilyCollection);

    private static async Task<IResult> ListAsync(HttpContext context, string organizationId, ProviderDirectory directory)
    {
        if (ProviderQuery.Parse(context.Request.Query).IsRefused(out var refusal, out var query))
        {
            return refusal;
        }

        var all = await directory.ListAsync(new OrganizationId(organizationId), context.RequestAborted);
        var providers = all.Where(query.Selects).ToList();
        if (providers.Count == 0 && query.InstanceId is not null)
        {
            return ApiRefusal.NotFound(
                $"The organization has no provider with instanceId '{FieldChecks.Shown(query.InstanceId)}'. Leave 'instanceId' out to list them all.");
        }

        return Hal(
            new ProviderCollection
            {
                Embedded = new EmbeddedProviders(providers.Select(p => ProviderResource.Of(context, p, query.WithEvents))),
                Links = new() { ["self"] = context.LinkTo($"/events/{organizationId}/providers") },
            },
            EventsJson.Default.ProviderCollection);
    }

    private static async Task<IResult> GetAsync(HttpContext context, string providerId, ProviderService providers)
    {
        if (ProviderQuery.Parse(context.Request.Query).IsRefused(out var refusal, out var query)
            || (await providers.FindAsync(providerId, context.GetCaller().OrganizationId, context.RequestAborted)).IsRefused(out refusal, out var provider))
        {
            return refusal;
        }

        return Show(context, provider, query.WithEvents, query.EventMetadataText is { } text ? "?eventmetadata=" + text : "");
    }

    private static async Task<IResult> CreateAsync(HttpContext context, ProviderService providers)
    {
        if ((await RequestBody.ReadJsonAsync(context, EventsJson.Default.CreateProviderBody)).IsRefused(out var refusal, out var body)
            || (await providers.CreateAsync(context.GetWorkspace(), body, context.RequestAborted)).IsRefused(out refusal, out var provider))
        {
            return refusal;
        }

        context.Response.Headers.Location = context.LinkTo($"/events/providers/{provider.Id}").Href;
        return Show(context, provider, status: StatusCodes.Status201Created);
    }

    private static async Task<IResult> UpdateAsync(HttpContext context, string providerId, ProviderService providers) =>
        (await providers.FindOwnAsync(providerId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var provider)
        || IfMatch.Parse(context).IsRefused(out refusal, out var condition)
        || (await RequestBody.ReadJsonAsync(context, EventsJson.Default.UpdateProviderBody)).IsRefused(out refusal, out var body)
        || (await providers.UpdateAsync(provider, condition, _ => body, context.RequestAborted)).IsRefused(out refusal, out var updated)
            ? refusal
            : Show(context, updated.Provider);

    private static async Task<IResult> PatchAsync(HttpContext context, string providerId, ProviderService providers)
    {
        if ((await providers.FindOwnAsync(providerId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var provider)
            || IfMatch.Parse(context).IsRefused(out refusal, out var condition)
            || (await JsonPatch.ReadAsync(context)).IsRefused(out refusal, out var patch)
            || (await providers.UpdateAsync(
                provider, condition, current => patch.ApplyTo(current, EventsJson.Default.UpdateProviderBody), context.RequestAborted))
                .IsRefused(out refusal, out var updated))
        {
            return refusal;
        }

        if (updated.Changed)
        {
            return Show(context, updated.Provider);
        }

        context.Response.Headers.ETag = updated.Provider.Tag;
        return Results.NoContent();
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string providerId, ProviderService providers) =>
        (await providers.FindOwnAsync(providerId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var provider)
        || IfMatch.Parse(context).IsRefused(out refusal, out var condition)
            ? refusal
            : await providers.DeleteAsync(provider, condition, context.RequestAborted) is { } objection ? objection : Results.NoContent();

    private static IResult Show(
        HttpContext context, Provider provider, bool withEvents = false, string query = "", int status = StatusCodes.Status200OK)
    {
        context.Response.Headers.ETag = provider.Tag;
        return Hal(ProviderResource.Of(context, provider, withEvents, query), EventsJson.Default.ProviderResource, status);
    }

    private static IResult Hal<T>(T resource, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        Results.Json(resource, type, Edge.Hal.ContentType, status);
}
