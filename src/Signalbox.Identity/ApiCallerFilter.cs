using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Signalbox.Identity;

/// <summary>The authentication of the events APIs: <c>Authorization: Bearer</c> and <c>x-api-key</c>.</summary>
public static class ApiCallerFilter
{
    /// <summary>
    /// Lets only authenticated calls pass: 401 for a missing, invalid or expired token, 403 for one without the scope
    /// <c>adobeio_api</c>, for a missing or unknown API key, and for a route whose <c>{organizationId}</c> is not the
    /// token's. The handler finds the caller with <see cref="GetCaller"/>.
    /// </summary>
    public static TBuilder RequireApiCaller<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => throw new NotImplementedException();

    /// <summary>The caller of a request that passed <see cref="RequireApiCaller{TBuilder}"/>.</summary>
    public static Caller GetCaller(this HttpContext context) => throw new NotImplementedException();
}
