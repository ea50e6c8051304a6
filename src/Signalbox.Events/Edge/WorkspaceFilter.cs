using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Identity;

namespace Signalbox.Events.Edge;

/// <summary>Routes below <c>/events/{organizationId}/{projectId}/{workspaceId}</c> answer 404 unless that workspace exists.</summary>
internal static class WorkspaceFilter
{
    private static readonly object _key = new();

    public static TBuilder RequireWorkspace<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            var organization = Text(context, "organizationId");
            var project = Text(context, "projectId");
            var workspace = Text(context, "workspaceId");
            var found = await context.RequestServices.GetRequiredService<IdentityDirectory>().FindWorkspaceAsync(
                new OrganizationId(organization), new ProjectId(project), new WorkspaceId(workspace), context.RequestAborted);
            if (found is null)
            {
                return ApiRefusal.NotFound(
                    $"Organization {FieldChecks.Shown(organization)} has no workspace {FieldChecks.Shown(workspace)} in project {FieldChecks.Shown(project)}.");
            }

            context.Items[_key] = found;
            return await next(invocation);
        });

    /// <summary>The workspace of a request that passed <see cref="RequireWorkspace{TBuilder}"/>.</summary>
    public static Workspace GetWorkspace(this HttpContext context) => (Workspace)context.Items[_key]!;

    private static string Text(HttpContext context, string name) => context.GetRouteValue(name) as string ?? "";
}
