using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;
using Signalbox.Events.EventLog;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Ingress;

/// <summary>Reads an event and finds out who gets it: the one way that every published event takes to the log.</summary>
internal sealed class EventRouter(EventsOptions options, IProviderDirectory providers, RegistrationDirectory registrations)
{
    private const string SourcePrefix = "urn:uuid:";

    /// <summary>Provider and audience come from memory.</summary>
    /// <param name="cloudEvent">One event in structured mode.</param>
    /// <param name="organization">Whose provider it must be of.</param>
    /// <param name="isPhiData">Whether to mark it with the extension <c>phidata</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>400 names the attribute; 404 a source that is no provider's, 403 one of another organization.</returns>
    public async ValueTask<Outcome<RoutedEvent>> RouteAsync(
        byte[] cloudEvent, OrganizationId organization, bool isPhiData, CancellationToken cancellationToken)
    {
        if (Read(cloudEvent, isPhiData).IsRefused(out var refusal, out var read))
        {
            return refusal;
        }

        if (await providers.FindAsync(read.ProviderId, cancellationToken) is not { } provider)
        {
            return OfSource(StatusCodes.Status404NotFound, read.Source is { } given
                ? $"'source' is {given}. It must be {SourcePrefix}<provider id>."
                : $"'source' is '{SourcePrefix}{read.ProviderId:D}', which names no provider of this server. It must be {SourcePrefix}<provider id>.");
        }

        if (provider.OrganizationId != organization)
        {
            return OfSource(StatusCodes.Status403Forbidden, $"'source' is '{SourcePrefix}{read.ProviderId:D}', which names a provider of another organization.");
        }

        var index = await registrations.GetIndexAsync(cancellationToken);
        var interested = index.Match(provider.Id, read.Type);
        return new RoutedEvent(provider.Id, interested, interested?.Of(read.Payload), read.Payload, read.Key);
    }

    private Outcome<ReadEvent> Read(byte[] body, bool isPhiData)
    {
        Span<char> source = stackalloc char[CloudEventReader.RoutedLengthMax];
        Span<char> type = stackalloc char[CloudEventReader.RoutedLengthMax];
        var reader = new CloudEventReader(body, source, type, options.SpecVersionRequired ?? false);
        if (reader.Read() is { } fault)
        {
            return fault.Attribute.Length == 0
                ? ApiRefusal.BadRequest(fault.Message)
                : ApiRefusal.BadField(fault.Attribute, fault.Message);
        }

        var given = source[..reader.SourceLength];
        var providerId = given.StartsWith(SourcePrefix) && Guid.TryParseExact(given[SourcePrefix.Length..], "D", out var id) ? id : Guid.Empty;
        return new ReadEvent(
            providerId,
            providerId != Guid.Empty ? null
                : given.IsEmpty ? $"longer than {CloudEventReader.RoutedLengthMax} characters"
                : $"'{FieldChecks.Shown(given.ToString())}'",
            type[..reader.TypeLength].ToString(),
            isPhiData ? MarkPhiData(body, reader.PhiData, reader.AfterOpeningBrace) : body,
            PublishedKey.Of(providerId, reader.Id));
    }

    /// <summary>The same event with the extension <c>phidata</c> set to true.</summary>
    private static byte[] MarkPhiData(byte[] body, Range given, int afterOpeningBrace)
    {
        var (offset, length) = given.GetOffsetAndLength(body.Length);
        return length > 0
            ? [.. body.AsSpan(0, offset), .. "true"u8, .. body.AsSpan(offset + length)]
            : [.. body.AsSpan(0, afterOpeningBrace), .. "\"phidata\":true,"u8, .. body.AsSpan(afterOpeningBrace)];
    }

    private static ApiRefusal OfSource(int status, string message) => new(status, message) { Errors = [new ApiFieldError("source", message)] };

    /// <param name="ProviderId">Whose source it is.</param>
    /// <param name="Source">As it is shown; null when it has the form that it must have.</param>
    /// <param name="Type">The event code.</param>
    /// <param name="Payload">As it is stored.</param>
    /// <param name="Key">Of the source and the id.</param>
    private readonly record struct ReadEvent(Guid ProviderId, string? Source, string Type, byte[] Payload, PublishedKey Key);
}

/// <summary>An event and who gets it.</summary>
/// <param name="ProviderId">Of whom it is.</param>
/// <param name="Interested">Who has an interest in its type, filters aside; null when nobody has.</param>
/// <param name="Recipients">Those of them whose filters it satisfies; null when nobody has an interest.</param>
/// <param name="Payload">As it is stored.</param>
/// <param name="Key">What it is known by when it is published again; null when that is not looked for.</param>
internal readonly record struct RoutedEvent(string ProviderId, Audience? Interested, Audience? Recipients, byte[] Payload, PublishedKey Key)
{
    /// <summary>What is to be stored; null when nobody gets it.</summary>
    public PublishedEvent? ToPublish(string? traceParent) =>
        Recipients is { All.Length: > 0 } ? new PublishedEvent(ProviderId, Recipients, Payload, traceParent) { Key = Key } : null;
}
