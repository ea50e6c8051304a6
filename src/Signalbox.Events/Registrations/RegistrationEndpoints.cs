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
        routes.MapGet("/events/{organizationId}/registrations", ListOrganizationAsync).RequireManagementCaller();

        var workspace = routes.MapGroup("/events/{organizationId}/{projectId}/{workspaceId}/registrations").RequireManagementCaller().RequireWorkspace();
        workspace.MapPost("", CreateAsync);
        workspace.MapGet("", ListWorkspaceAsync);
        workspace.MapGet("/{registrationId}", GetAsync);
        workspace.MapPut("/{registrationId}", UpdateAsync);
        workspace.MapPatch("/{registrationId}", PatchAsync);
        workspace.MapDelete("/{registrationId}", DeleteAsync);

        routes.MapPost("/events/{organizationId}/{projectId}/{workspaceId}/isv/registrations/validate", ValidatePackageAsync)
            .RequireManagementCaller().RequireWorkspace();
    }

    private static async Task<IResult> CreateAsync(HttpContext context, RegistrationService registrations, ProviderDirectory providers)
    {
        if ((await RequestBody.ReadJsonAsync(context, EventsJson.Default.RegistrationBody)).IsRefused(out var refusal, out var body)
            || (await registrations.CreateAsync(context.GetWorkspace(), body, context.RequestAborted)).IsRefused(out refusal, out var created))
        {
            return refusal;
        }

        context.Response.Headers.Location = context.LinkTo(created.Path()).Href;
        return await ShowAsync(context, created, providers, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListWorkspaceAsync(HttpContext context, RegistrationService registrations, ProviderDirectory providers)
    {
        var workspace = context.GetWorkspace();
        var list = await registrations.ListAsync(workspace.WorkspaceId, context.RequestAborted);
        return Show(context, list, providers, null, new()
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

        var (shown, total) = await registrations.ListAsync(new OrganizationId(organizationId), page, context.RequestAborted);
        var totalPages = page.TotalPages(total);
        if (page.Number > 0 && page.Number >= totalPages)
        {
            return ApiRefusal.BadField("page", $"'page' is {page.Number}, but there {(totalPages == 1 ? "is 1 page" : $"are {totalPages} pages")} of size {page.Size}, counted from 0.");
        }

        return Show(
            context,
            shown,
            providers,
            new PageResource
            {
                Size = page.Size,
                Number = page.Number,
                NumberOfElements = shown.Count,
                TotalElements = total,
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
            || IfMatch.Parse(context).IsRefused(out refusal, out var condition)
            || (await RequestBody.ReadJsonAsync(context, EventsJson.Default.RegistrationBody)).IsRefused(out refusal, out var body)
            || (await registrations.UpdateAsync(workspace, before, condition, body, context.RequestAborted)).IsRefused(out refusal, out var after))
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
            || IfMatch.Parse(context).IsRefused(out refusal, out var condition)
            || (await JsonPatch.ReadAsync(context)).IsRefused(out refusal, out var patch)
            || (await registrations.PatchAsync(workspace, before, condition, patch, context.RequestAborted)).IsRefused(out refusal, out var after))
        {
            return refusal;
        }

        return await ShowAsync(context, after, providers, StatusCodes.Status200OK);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string registrationId, RegistrationService registrations)
    {
        if ((await registrations.FindAsync(registrationId, context.GetWorkspace(), context.RequestAborted)).IsRefused(out var refusal, out var registration)
            || IfMatch.Parse(context).IsRefused(out refusal, out var condition))
        {
            return refusal;
        }

        if (await registrations.DeleteAsync(registration, condition) is { } objection)
        {
            return objection;
        }

        context.Response.ContentType = "text/plain";
        return Results.NoContent();
    }

    private static async Task<IResult> ValidatePackageAsync(HttpContext context, PackageValidation validation) =>
        (await RequestBody.ReadJsonAsync(context, EventsJson.Default.IReadOnlyListDeclaredRegistration)).IsRefused(out var refusal, out var declared)
            ? refusal
            : await validation.FindObjectionAsync(context.GetWorkspace().OrganizationId, declared, context.RequestAborted) is { } objection ? objection
            : Results.Json(new PackageVerdict(true), EventsJson.Default.PackageVerdict, "application/json");

    private static async Task<IResult> ShowAsync(HttpContext context, Registration registration, ProviderDirectory providers, int status)
    {
        context.Response.Headers.ETag = registration.Tag;
        return Results.Json(
            await RegistrationResource.OfAsync(context, registration, providers),
            EventsJson.Default.RegistrationResource, Hal.ContentType, status);
    }

    /// <summary>The list is written as it is made, so that a long one takes no memory.</summary>
    private static IResult Show(
        HttpContext context, IEnumerable<Registration> list, ProviderDirectory providers, PageResource? page, Dictionary<string, HalLink> links)
    {
        return Results.Json(
            new RegistrationCollection { Embedded = new EmbeddedRegistrations(ResourcesAsync()), Links = links, Page = page },
            EventsJson.Default.RegistrationCollection, Hal.ContentType);

        async IAsyncEnumerable<RegistrationResource> ResourcesAsync()
        {
            foreach (var registration in list)
            {
                yield return await RegistrationResource.OfAsync(context, registration, providers);
            }
        }
    }
}
