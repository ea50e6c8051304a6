using Microsoft.AspNetCore.Http;

namespace Signalbox.Identity;

/// <summary>The error answers of the events APIs, by status (events behaviour, section 2).</summary>
public static class ApiErrors
{
    public static ApiErrorResult BadRequest(string message, params IReadOnlyList<ApiFieldError> errors) =>
        new(StatusCodes.Status400BadRequest, message, errors);

    /// <summary>The token is missing, malformed or expired.</summary>
    public static ApiErrorResult Unauthorized(string message) =>
        new(StatusCodes.Status401Unauthorized, message) { Challenge = "Bearer" };

    /// <summary>The token is good but lacks the right, or the API key is missing or unknown.</summary>
    public static ApiErrorResult Forbidden(string message) => new(StatusCodes.Status403Forbidden, message);

    public static ApiErrorResult NotFound(string message) => new(StatusCodes.Status404NotFound, message);

    /// <param name="message">What is in the way.</param>
    /// <param name="conflictingId">The id of the thing in the way, for <c>x-conflicting-id</c>; null at a limit.</param>
    public static ApiErrorResult Conflict(string message, string? conflictingId) =>
        new(StatusCodes.Status409Conflict, message) { ConflictingId = conflictingId };

    public static ApiErrorResult TooLarge(string message) => new(StatusCodes.Status413PayloadTooLarge, message);

    public static ApiErrorResult TooManyRequests(string message, int retryAfterSeconds) =>
        new(StatusCodes.Status429TooManyRequests, message) { RetryAfterSeconds = retryAfterSeconds };

    public static ApiErrorResult UnsupportedMediaType(string message) =>
        new(StatusCodes.Status415UnsupportedMediaType, message);
}
