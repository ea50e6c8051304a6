using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Identity.Callers;

namespace Signalbox.Identity;

/// <summary>The authentication of the events APIs: <c>Authorization: Bearer</c> and <c>x-api-key</c>.</summary>
public static class ApiCallerFilter
{
    /// <summary>
    /// Lets only authenticated calls pass: 401 for a missing, invalid or expired token, 403 for one without the scope
    /// <c>adobeio_api</c>, for a missing or unknown API key, and for a route whose <c>{organizationId}</c> is not the
    /// token's. The handler finds the caller with <see cref="GetCaller"/>.
    /// </summary>
    /// <remarks>
    /// It stands before the binding of parameters (an endpoint filter would stand after it), so that nobody's body is
    /// read before the caller is known.
    /// </remarks>
    public static TBuilder RequireApiCaller<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => Require(
            builder, context => context.RequestServices.GetRequiredService<ApiCallerCheck>().CheckAsync(context));

    /// <summary>
    /// The same for the management APIs, which one API key may call so often and no more: 429 with <c>Retry-After</c> then
    /// (<see cref="IdentityOptions.RequestsPerWindowMax"/>).
    /// </summary>
    public static TBuilder RequireManagementCaller<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => Require(
            builder,
            async context => await context.RequestServices.GetRequiredService<ApiCallerCheck>().CheckAsync(context)
                ?? context.RequestServices.GetRequiredService<ManagementRate>().Count(context.GetCaller().ApiKey));

    private static TBuilder Require<TBuilder>(TBuilder builder, Func<HttpContext, ValueTask<ApiErrorResult?>> check)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            if (endpoint.RequestDelegate is not { } next)
            {
                return;
            }

            endpoint.RequestDelegate = async context =>
            {
                var refusal = await check(context);
                if (refusal is null)
                {
                    await next(context);
                    return;
                }

                IdentityMetrics.CallersRefused.Add(1, new KeyValuePair<string, object?>("status", refusal.Status));
                await refusal.ExecuteAsync(context);
            };
        });
        return builder;
    }

    /// <summary>The caller of a request that passed <see cref="RequireApiCaller{TBuilder}"/>.</summary>
    /// <exception cref="InvalidOperationException">The endpoint does not require one.</exception>
    public static Caller GetCaller(this HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException(
            "This endpoint has no caller: map it, or its group, with RequireApiCaller.");
}
