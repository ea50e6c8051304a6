using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Signalbox.Identity;

/// <summary>Answers with an <see cref="ApiError"/> and the header <c>x-request-id</c> (events behaviour, section 2).</summary>
/// <param name="Status">400 to 599.</param>
/// <param name="Message">What was wrong, with which value, and what to do.</param>
/// <param name="Errors">The fields that were wrong.</param>
public sealed record ApiErrorResult(int Status, string Message, params IReadOnlyList<ApiFieldError> Errors) : IResult
{
    /// <summary>The value of <c>x-conflicting-id</c>, which the clients read on 409.</summary>
    public string? ConflictingId { get; init; }

    /// <summary>The value of <c>WWW-Authenticate</c>.</summary>
    public string? Challenge { get; init; }

    /// <summary>The value of <c>Retry-After</c>.</summary>
    public int? RetryAfterSeconds { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/json";
        var requestId = RequestId.Of(httpContext);
        if (ConflictingId is not null)
        {
            response.Headers["x-conflicting-id"] = ConflictingId;
        }

        if (Challenge is not null)
        {
            response.Headers.WWWAuthenticate = Challenge;
        }

        if (RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var error = new ApiError { Reason = ReasonPhrases.GetReasonPhrase(Status), Message = Message, Errors = Errors, RequestId = requestId };
        var body = JsonSerializer.SerializeToUtf8Bytes(error, IdentityJson.Readable.ApiError);
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body).AsTask();
    }
}
