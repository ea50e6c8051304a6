using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Signalbox.Runtime.Edge;

/// <summary>Why a request is not served, as the caller is told: the texts are part of the wire contract.</summary>
/// <param name="Status">The HTTP status, 400 to 599.</param>
/// <param name="Error">The <c>error</c> of the body.</param>
public sealed record Refusal(int Status, string Error)
{
    /// <summary>When it is worth asking again, as the header <c>Retry-After</c> says it; null: nobody knows.</summary>
    public int? RetryAfterSeconds { get; init; }

    public static Refusal NotFound { get; } = new(404, "The requested resource does not exist.");

    public static Refusal UnknownRoute { get; } = new(404, "The requested resource could not be found.");

    public static Refusal NoCredentials { get; } =
        new(401, "The resource requires authentication, which was not supplied with the request");

    public static Refusal BadCredentials { get; } = new(401, "The supplied authentication is invalid");

    public static Refusal InternalError { get; } = new(500, "There was an internal server error.");

    public static Refusal Overloaded { get; } =
        new(503, "The server is currently unavailable (because it is overloaded or down for maintenance).") { RetryAfterSeconds = 1 };

    public static Refusal AlreadyExists { get; } = new(409, "resource already exists");

    public static Refusal NotInCollection { get; } = new(409, "Resource by this name exists but is not in this collection.");

    public static Refusal ConcurrentModification { get; } = new(409, "Concurrent modification to resource detected.");

    public static Refusal ReservedParameters { get; } =
        new(400, "Request defines parameters that are not allowed (e.g., reserved properties).");

    public static Refusal UnsupportedContentType { get; } =
        new(415, "The request's Content-Type is not supported. Expected:\napplication/json");

    public static Refusal BadRequest(string error) => new(400, error);

    public static Refusal Malformed(string reason) => new(400, "The request content was malformed:\n" + reason);

    public static Refusal TooManyInMinute(int count, int countMax, int secondsLeft) =>
        new(429, $"Too many requests in the last minute (count: {count}, allowed: {countMax}).") { RetryAfterSeconds = secondsLeft };

    public static Refusal TooManyInFlight(int count, int countMax) =>
        new(429, $"Too many concurrent requests in flight (count: {count}, allowed: {countMax}).") { RetryAfterSeconds = 1 };

    public static Refusal TooManyBodies(int count, int countMax) =>
        new(429, $"Too many requests whose bodies are still coming (count: {count}, allowed: {countMax}).") { RetryAfterSeconds = 1 };

    public static Refusal TooSlow(TimeSpan time) => new(
        408,
        string.Create(CultureInfo.InvariantCulture, $"The request's body was not whole after {time.TotalSeconds:0.#} seconds. Send it faster, or less of it."));

    public static Refusal Forbidden(string path) =>
        new(403, $"The supplied authentication is not authorized to access '{path}'.");

    public static Refusal NotFoundNamed(string path) => new(404, $"The requested resource '{path}' does not exist.");

    public static Refusal TooLarge(string what, long bytes, long bytesMax) =>
        new(413, $"{what} larger than allowed: {bytes} > {bytesMax} bytes.");

    public static Refusal MethodNotAllowed(string allowed) =>
        new(405, "HTTP method not allowed, supported methods: " + allowed);

    public static Refusal NotBuilt(string what) => new(501, what + " are not built yet.");

    internal void WriteHeaders(HttpResponse response)
    {
        if (RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
    }
}
