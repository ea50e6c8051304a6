using System.Net;
using System.Text.Json;

namespace Signalbox.Server.Clock;

/// <summary><c>GET /test/clock</c> and <c>POST /test/clock/advance</c>; only with <c>serve --test-clock</c>, only from loopback.</summary>
internal static class TestClockEndpoints
{
    /// <summary>One step forward is at most a year, so that a slip of the hand cannot overflow the calendar.</summary>
    private const double SecondsMax = 366 * 24 * 3600;

    public static void MapTestClock(this IEndpointRouteBuilder routes)
    {
        var clock = routes.ServiceProvider.GetService<TestClock>();
        if (clock is null)
        {
            return;
        }

        var group = routes.MapGroup("/test/clock").AddEndpointFilter(OnlyFromLoopback);
        group.MapGet("", () => Now(clock));
        group.MapPost("/advance", (JsonElement body) => Advance(clock, body));
    }

    private static IResult Advance(TestClock clock, JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object
            || !body.TryGetProperty("seconds", out var member)
            || member.ValueKind != JsonValueKind.Number
            || !member.TryGetDouble(out var seconds)
            || seconds is < -SecondsMax or > SecondsMax)
        {
            return Results.Json(
                new { error = $"The body must be {{\"seconds\": n}} with n from -{SecondsMax} to {SecondsMax}." },
                statusCode: StatusCodes.Status400BadRequest);
        }

        clock.Advance(TimeSpan.FromSeconds(seconds));
        return Now(clock);
    }

    private static IResult Now(TestClock clock) => Results.Json(new
    {
        now = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
        epochMs = clock.GetUtcNow().ToUnixTimeMilliseconds(),
        offsetSeconds = clock.Offset.TotalSeconds,
    });

    private static async ValueTask<object?> OnlyFromLoopback(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            ? await next(context)
            : Results.Json(new { error = "The test clock answers loopback addresses only." }, statusCode: StatusCodes.Status403Forbidden);
}
