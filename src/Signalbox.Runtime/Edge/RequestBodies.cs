using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Signalbox.Runtime.Limits;
using Signalbox.Sockets;

namespace Signalbox.Runtime.Edge;

/// <summary>Reads bodies up to a limit and within a time, and says what is wrong with them.</summary>
internal sealed class RequestBodies(BodyIntake intake, RuntimeOptions options, TimeProvider clock)
{
    private const int FirstReadBytes = 16 * 1024;
    private const int LargeBytes = 64 * 1024;
    private const int TimedBytes = 1024 * 1024;

    /// <summary>The whole body, or why it is not taken: 408, 413, 429 or 503.</summary>
    /// <param name="context">The request.</param>
    /// <param name="namespace">Whose body it is while it comes; null: a delivery of this server's own, which is there already.</param>
    /// <param name="bytesMax">The largest that is taken.</param>
    public async Task<Outcome<ReadOnlyMemory<byte>>> ReadAsync(HttpContext context, string? @namespace, int bytesMax)
    {
        // The limit is enforced here, with the text that clients know, rather than by the web server.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }

        var announced = context.Request.ContentLength;
        if (announced > bytesMax)
        {
            return Refusal.TooLarge("Request", announced.Value, bytesMax);
        }

        if (announced == 0 || (announced is null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }))
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        if (announced <= FirstReadBytes && TryRead(context, (int)announced, out var whole))
        {
            return whole;
        }

        return @namespace is null
            ? await GatherAsync(context, (int?)announced, bytesMax, static _ => null)
            : await ReadInTimeAsync(context, @namespace, (int?)announced, bytesMax);
    }

    private async Task<Outcome<ReadOnlyMemory<byte>>> ReadInTimeAsync(HttpContext context, string @namespace, int? announced, int bytesMax)
    {
        if (intake.TryEnter(@namespace) is { } refusal)
        {
            return refusal;
        }

        var held = 0;
        try
        {
            // Not by a token: the web server could not go on with a body whose reading was broken off.
            using var late = clock.CreateTimer(
                static reader => ((PipeReader)reader!).CancelPendingRead(), context.Request.BodyReader, TimeFor(bytesMax), Timeout.InfiniteTimeSpan);
            return await GatherAsync(context, announced, bytesMax, Hold);
        }
        finally
        {
            intake.Leave(@namespace, held);
        }

        Refusal? Hold(int bytes)
        {
            var objection = intake.TryHold(@namespace, bytes);
            held += objection is null ? bytes : 0;
            return objection;
        }
    }

    /// <summary>Larger bodies have more time, so that slow lines can deploy.</summary>
    private TimeSpan TimeFor(int bytesMax) => options.BodyTimeout * Math.Max(1, (double)bytesMax / TimedBytes);

    /// <summary>Takes memory as the bytes come, whatever length was announced.</summary>
    private async Task<Outcome<ReadOnlyMemory<byte>>> GatherAsync(HttpContext context, int? announced, int bytesMax, Func<int, Refusal?> hold)
    {
        var reader = context.Request.BodyReader;
        var buffer = Array.Empty<byte>();
        var length = 0;
        while (true)
        {
            var read = await ReadSomeAsync(reader, context.RequestAborted);
            var came = length + read.Buffer.Length;
            var size = SizeFor(came, buffer.Length, announced, bytesMax);
            var refusal = read.IsCanceled ? Refusal.TooSlow(TimeFor(bytesMax))
                : came > bytesMax ? Refusal.TooLarge("Request", came, bytesMax)
                : size > buffer.Length ? hold(size - buffer.Length)
                : null;
            if (refusal is not null)
            {
                reader.AdvanceTo(read.Buffer.Start);
                return refusal;
            }

            Array.Resize(ref buffer, size);
            read.Buffer.CopyTo(buffer.AsSpan(length));
            reader.AdvanceTo(read.Buffer.End);
            length = (int)came;
            if (read.IsCompleted)
            {
                return (ReadOnlyMemory<byte>)buffer.AsMemory(0, length);
            }
        }
    }

    /// <summary>A known end is come to in a few steps; an unknown one should not leave much of the last step unused.</summary>
    private static int SizeFor(long came, int size, int? announced, int bytesMax) =>
        came <= size ? size
        : (int)Math.Max(Math.Min(came, bytesMax), Math.Min(Math.Max(FirstReadBytes, size * (announced is null ? 2L : 4L)), announced ?? bytesMax));

    private static async ValueTask<ReadResult> ReadSomeAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is OverflowException)
        {
            throw new BadHttpRequestException("A chunk says that it is larger than any can be.", exception);
        }
    }

    /// <summary>A payload of an invocation: one JSON object in UTF-8, checked but not taken apart; nothing means <c>{}</c>.</summary>
    public async Task<Outcome<ReadOnlyMemory<byte>>> ReadPayloadAsync(HttpContext context, string @namespace, int bytesMax)
    {
        if ((await ReadAsync(context, @namespace, bytesMax)).IsRefused(out var refusal, out var body))
        {
            return refusal;
        }

        if (body.IsEmpty)
        {
            return Json.EmptyObject;
        }

        if (body.Length > LargeBytes)
        {
            // Looking through it takes longer than a loop has.
            await PoolThread.Switch();
        }

        return IsJson(context.Request) ? CheckObject(SurrogateEscapes.Mend(WithoutByteOrderMark(body))) : Refusal.UnsupportedContentType;
    }

    /// <summary>The body of a PUT: a JSON object.</summary>
    public async Task<Outcome<JsonElement>> ReadObjectAsync(HttpContext context, string @namespace, int bytesMax)
    {
        if ((await ReadAsync(context, @namespace, bytesMax)).IsRefused(out var refusal, out var body))
        {
            return refusal;
        }

        if (body.IsEmpty)
        {
            return Refusal.BadRequest("Request entity expected but not supplied");
        }

        if (!IsJson(context.Request))
        {
            return Refusal.UnsupportedContentType;
        }

        body = SurrogateEscapes.Mend(WithoutByteOrderMark(body));
        if (!Utf8.IsValid(body.Span))
        {
            return Refusal.Malformed("The text is not valid UTF-8.");
        }

        return Json.TryParse(body, out var error) switch
        {
            null => Refusal.Malformed(error!),
            { ValueKind: JsonValueKind.Object } found => found,
            { ValueKind: var kind } => Refusal.Malformed($"Object expected, found {kind}"),
        };
    }

    public static Outcome<ReadOnlyMemory<byte>> CheckObject(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return Refusal.Malformed("The text is not valid UTF-8.");
        }

        try
        {
            var reader = new Utf8JsonReader(body.Span);
            if (!reader.Read())
            {
                return Refusal.Malformed("Unexpected end-of-input");
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return Refusal.Malformed("Object expected");
            }

            reader.Skip();
            return reader.Read() ? Refusal.Malformed("There is text after the JSON value.") : body;
        }
        catch (JsonException exception)
        {
            return Refusal.Malformed(exception.Message);
        }
    }

    /// <summary>The body, if all of it came with the head, as small ones do: then nothing has to be waited for.</summary>
    private static bool TryRead(HttpContext context, int length, out ReadOnlyMemory<byte> body)
    {
        body = default;
        var reader = context.Request.BodyReader;
        if (!reader.TryRead(out var result))
        {
            return false;
        }

        if (result.Buffer.Length < length)
        {
            reader.AdvanceTo(result.Buffer.Start);
            return false;
        }

        body = result.Buffer.ToArray();
        reader.AdvanceTo(result.Buffer.End);
        return true;
    }

    private static bool IsJson(HttpRequest request) =>
        request.ContentType == "application/json"
        || (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase));

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
}
