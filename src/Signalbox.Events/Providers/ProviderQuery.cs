using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;

namespace Signalbox.Events.Providers;

/// <summary>The query of provider reads (events behaviour, section 3).</summary>
internal sealed record ProviderQuery
{
    /// <summary>Families that are asked for; empty means all.</summary>
    public required IReadOnlyList<string> Families { get; init; }

    public string? InstanceId { get; init; }

    /// <summary>The text of <c>eventmetadata</c>, when it was given.</summary>
    public string? EventMetadataText { get; init; }

    public bool WithEvents => string.Equals(EventMetadataText, "true", StringComparison.OrdinalIgnoreCase);

    public static Outcome<ProviderQuery> Parse(IQueryCollection query)
    {
        var one = Text(query, "providerMetadataId");
        var many = query["providerMetadataIds"]
            .SelectMany(v => (v ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        if (one is not null && many.Count > 0)
        {
            return ApiRefusal.BadField("providerMetadataIds", "Give either 'providerMetadataId' or 'providerMetadataIds', not both.");
        }

        var withEvents = Text(query, "eventmetadata");
        if (withEvents is not null && !bool.TryParse(withEvents, out _))
        {
            return ApiRefusal.BadField("eventmetadata", $"'eventmetadata' is '{FieldChecks.Shown(withEvents)}'. It must be true or false.");
        }

        IReadOnlyList<string> families = one is null ? many : [one];
        return families.FirstOrDefault(f => ProviderFamily.Find(f) is null) is { } unknown
            ? ApiRefusal.NotFound($"There is no provider metadata '{FieldChecks.Shown(unknown)}'.")
            : new ProviderQuery
            {
                Families = families,
                InstanceId = Text(query, "instanceId"),
                EventMetadataText = withEvents?.ToUpperInvariant() switch { null => null, "TRUE" => "true", _ => "false" },
            };
    }

    public bool Selects(Provider provider) =>
        (Families.Count == 0 || Families.Contains(provider.ProviderMetadata))
        && (InstanceId is null || InstanceId == provider.InstanceId);

    private static string? Text(IQueryCollection query, string name) =>
        query[name].FirstOrDefault(v => !string.IsNullOrEmpty(v));
}
