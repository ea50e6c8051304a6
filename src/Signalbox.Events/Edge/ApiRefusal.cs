using Microsoft.AspNetCore.Http;
using Signalbox.Identity;

namespace Signalbox.Events.Edge;

/// <summary>An answer that refuses: one shape for every 4xx and 5xx of the room (events behaviour, section 2).</summary>
public sealed record ApiRefusal(int Status, string Message) : IResult
{
    /// <summary>What is wrong, member by member.</summary>
    public IReadOnlyList<ApiFieldError> Errors { get; init; } = [];

    /// <summary>The thing that stands in the way, for the header <c>x-conflicting-id</c>.</summary>
    public string? ConflictingId { get; init; }

    /// <summary>Seconds for the header <c>Retry-After</c>.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The resource's tag as it is now, for the header <c>ETag</c>.</summary>
    public string? CurrentTag { get; init; }

    public static ApiRefusal BadRequest(string message, params IReadOnlyList<ApiFieldError> errors) =>
        new(StatusCodes.Status400BadRequest, message) { Errors = errors };

    /// <summary>A 400 about one member, whose text is also the message.</summary>
    public static ApiRefusal BadField(string field, string message) => BadRequest(message, new ApiFieldError(field, message));

    public static ApiRefusal Forbidden(string message) => new(StatusCodes.Status403Forbidden, message);

    public static ApiRefusal NotFound(string message) => new(StatusCodes.Status404NotFound, message);

    public static ApiRefusal Conflict(string message, string? conflictingId = null) =>
        new(StatusCodes.Status409Conflict, message) { ConflictingId = conflictingId };

    /// <summary>The resource is no longer what the caller saw.</summary>
    public static ApiRefusal PreconditionFailed(string message, string currentTag) =>
        new(StatusCodes.Status412PreconditionFailed, message) { CurrentTag = currentTag };

    public static ApiRefusal Gone(string message) => new(StatusCodes.Status410Gone, message);

    public static ApiRefusal TooLarge(long bytesMax) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The body is larger than {bytesMax} bytes. Send a smaller one.");

    public static ApiRefusal UnsupportedMediaType(string? given, string wanted) =>
        new(
            StatusCodes.Status415UnsupportedMediaType,
            string.IsNullOrEmpty(given) ? $"The content type is missing. Send {wanted}." : $"Content type '{given}' is not accepted here. Send {wanted}.");

    public static ApiRefusal UnsupportedContentEncoding(string given) =>
        new(StatusCodes.Status415UnsupportedMediaType, $"Content encoding '{given}' is not accepted here. Send the body as it is, without one ('identity').");

    public static ApiRefusal TooManyRequests(string message, int retryAfterSeconds) =>
        new(StatusCodes.Status429TooManyRequests, message) { RetryAfterSeconds = retryAfterSeconds };

    /// <summary>Something that the server needs does not answer now.</summary>
    public static ApiRefusal Unavailable(string message, int retryAfterSeconds) =>
        new(StatusCodes.Status503ServiceUnavailable, message) { RetryAfterSeconds = retryAfterSeconds };

    public static ApiRefusal NotBuilt(string what) =>
        new(StatusCodes.Status501NotImplemented, $"{what}: not built yet.");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (CurrentTag is not null)
        {
            httpContext.Response.Headers.ETag = CurrentTag;
        }

        var error = new ApiErrorResult(Status, Message, Errors) { ConflictingId = ConflictingId, RetryAfterSeconds = RetryAfterSeconds };
        return error.ExecuteAsync(httpContext);
    }
}
