using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;
using Signalbox.Events.Providers;
using Signalbox.Identity;

namespace Signalbox.Events.Registrations;

/// <summary>The HTTP API of registrations (events behaviour, section 5).</summary>
internal static class RegistrationEndpoints
{
    public static void MapRegistrations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/events/{organizationId}/registrations", ListOrganizationAsync).RequireApiCaller();

        var workspace = routes.MapGroup("/events/{organizationId}/{projectId}/{workspaceId}/registrations").RequireApiCaller().RequireWorkspace();
        workspace.MapPost("", CreateAsync);
        workspace.MapGet("", ListWorkspaceAsync);
        workspace.MapGet("/{registrationId}", GetAsync);
        workspace.MapPut("/{registrationId}", UpdateAsync);
        workspace.MapPatch("/{registrationId}", PatchAsync);
        workspace.MapDelete("/{registrationId}", DeleteAsync);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, RegistrationService registrations, ProviderDirectory providers)
    {
        if ((await RequestBody.ReadJsonAsync(context, EventsJson.Default.RegistrationBody)).IsRefused(out var refusal, out var body)
            || (await registrations.CreateAsync(context.GetWorkspace(), body, context.RequestAborted)).IsRefused(out refusal, out var created))
        {
            return refusal;
        }

        return await ShowAsync(context, created, providers, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListWorkspaceAsync(HttpContext context, RegistrationService registrations, ProviderDirectory providers)
    {
        var workspace = context.GetWorkspace();
        var list = await registrations.ListAsync(r => r.WorkspaceId == workspace.WorkspaceId, context.RequestAborted);
        return await ShowAsync(context, list, providers, null, new()
        {
            ["self"] = context.LinkTo($"/events/{workspace.OrganizationId}/{workspace.ProjectId}/{workspace.WorkspaceId}/registrations"),
        });
    }

    private static async Task<IResult> ListOrganizationAsync(
        HttpContext context, string organizationId, RegistrationService registrations, ProviderDirectory providers)
    {
        if (RegistrationPage.Parse(context.Request.Query).IsRefused(out var refusal, out var page))
        {
            return refusal;
        }

        var organization = new OrganizationId(organizationId);
        var all = await registrations.ListAsync(r => r.OrganizationId == organization, context.RequestAborted);
        var totalPages = page.TotalPages(all.Count);
        if (page.Number > 0 && page.Number >= totalPages)
        {
            return ApiRefusal.BadField("page", $"'page' is {page.Number}, but there are {totalPages} pages of size {page.Size}, counted from 0.");
        }

        var shown = all.Skip(page.Number * page.Size).Take(page.Size).ToList();
        return await ShowAsync(
            context,
            shown,
            providers,
            new PageResource
            {
                Size = page.Size,
                Number = page.Number,
                NumberOfElements = shown.Count,
                TotalElements = all.Count,
                TotalPages = totalPages,
            },
            page.Links(context, $"/events/{organizationId}/registrations", totalPages));
    }

    private static async Task<IResult> GetAsync(
        HttpContext context, string registrationId, RegistrationService registrations, ProviderDirectory providers) =>
        (await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration)
            ? refusal
            : await ShowAsync(context, registration, providers, StatusCodes.Status200OK);

    private static async Task<IResult> UpdateAsync(
        HttpContext context, string registrationId, RegistrationService registrations, ProviderDirectory providers)
    {
        var workspace = context.GetWorkspace();
        if ((await registrations.FindAsync(registrationId, workspace, context.RequestAborted)).IsRefused(out var refusal, out var before)
            || (await RequestBody.ReadJsonAsync(context, EventsJson.Default.RegistrationBody)).IsRefused(out refusal, out var body)
            || (await registrations.UpdateAsync(workspace, before, body, context.RequestAborted)).IsRefused(out refusal, out var after))
        {
            return refusal;
        }

        return await ShowAsync(context, after, providers, StatusCodes.Status200OK);
    }

    private static async Task<IResult> PatchAsync(
        HttpContext context, string registrationId, RegistrationService registrations, ProviderDirectory providers)
    {
        var workspace = context.GetWorkspace();
        if ((await registrations.FindAsync(registrationId, workspace, context.RequestAborted)).IsRefused(out var refusal, out var before)
            || (await JsonPatch.ReadAndApplyAsync(context, RegistrationBody.Of(before), EventsJson.Default.RegistrationBody)).IsRefused(out refusal, out var body)
            || (await registrations.UpdateAsync(workspace, before, body with { SubscriberFilters = body.SubscriberFilters ?? [] }, context.RequestAborted)).IsRefused(out refusal, out var after))
        {
            return refusal;
        }

        return await ShowAsync(context, after, providers, StatusCodes.Status200OK);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string registrationId, RegistrationService registrations)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration))
        {
            return refusal;
        }

        await registrations.DeleteAsync(registration);
        context.Response.ContentType = "text/plain";
        return Results.NoContent();
    }

    private static async Task<IResult> ShowAsync(HttpContext context, Registration registration, ProviderDirectory providers, int status) =>
        Results.Json(
            await RegistrationResource.OfAsync(context, registration, providers),
            EventsJson.Default.RegistrationResource, Hal.ContentType, status);

    private static async Task<IResult> ShowAsync(
        HttpContext context, IReadOnlyList<Registration> list, ProviderDirectory providers, PageResource? page, Dictionary<string, HalLink> links)
    {
        var resources = new List<RegistrationResource>(list.Count);
        foreach (var registration in list)
        {
            resources.Add(await RegistrationResource.OfAsync(context, registration, providers));
        }

        return Results.Json(
            new RegistrationCollection { Embedded = new EmbeddedRegistrations(resources), Links = links, Page = page },
            EventsJson.Default.RegistrationCollection, Hal.ContentType);
    }
}
