using Microsoft.AspNetCore.Mvc;
using Signalbox.Identity.Users;

namespace Signalbox.Server.ConsoleAccess;

/// <summary><c>POST /admin/console/link?user=NAME</c>: a new one-time link, for the command line.</summary>
internal static class ConsoleLinkEndpoint
{
    public static void MapConsoleLink(this IEndpointRouteBuilder admin) => admin.MapPost("/console/link", IssueAsync);

    private static async Task<IResult> IssueAsync([FromQuery] string? user, ConsoleLink links, CancellationToken cancellationToken)
    {
        var signIn = string.IsNullOrWhiteSpace(user) ? UserDirectory.FirstSignIn : user;
        return await links.IssueAsync(signIn, cancellationToken) is { } link
            ? Results.Json(new { link, user = signIn })
            : Results.Json(new { message = $"There is no enabled user '{signIn}' of the console." }, statusCode: StatusCodes.Status404NotFound);
    }
}
