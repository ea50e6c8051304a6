using Signalbox.Events.Edge;

namespace Signalbox.Events.Providers;

/// <summary>Lengths, patterns and choices of the request bodies (events behaviour, sections 3 and 4).</summary>
internal static class ProviderRules
{
    /// <summary>64 KiB, in base64.</summary>
    private const int TemplateLengthMax = 87_382;

    private static readonly string[] _regions = ["VA6", "IRL1"];

    public static ApiRefusal? Check(CreateProviderBody body)
    {
        var checks = new FieldChecks();
        CheckTexts(checks, body.Label, body.Description, body.DocsUrl);
        checks.Optional("provider_metadata", body.ProviderMetadata, 1, 255);
        checks.Optional("instance_id", body.InstanceId, 0, 255, FieldChecks.InstanceId);
        if (body.DataResidencyRegion is { } region && !_regions.Contains(region, StringComparer.OrdinalIgnoreCase))
        {
            checks.Add("data_residency_region", $"'data_residency_region' is '{FieldChecks.Shown(region)}'. It must be VA6 or IRL1.");
        }

        var family = body.ProviderMetadata ?? ProviderFamily.CustomEvents;
        if (family != ProviderFamily.CustomEvents && string.IsNullOrEmpty(body.InstanceId))
        {
            checks.Add("instance_id", $"'instance_id' is missing. Only providers of '{ProviderFamily.CustomEvents}' get one by themselves.");
        }

        return checks.Refusal ?? ProviderFamily.Find(family) switch
        {
            null => ApiRefusal.NotFound($"There is no provider metadata '{FieldChecks.Shown(family)}'. GET /events/providermetadata lists them."),
            { HasMultipleProviders: false } => ApiRefusal.Forbidden($"Providers of '{family}' cannot be registered by organizations."),
            _ => null,
        };
    }

    public static ApiRefusal? Check(UpdateProviderBody body)
    {
        var checks = new FieldChecks();
        CheckTexts(checks, body.Label, body.Description, body.DocsUrl);
        return checks.Refusal;
    }

    public static ApiRefusal? Check(EventMetadataBody body)
    {
        var checks = new FieldChecks();
        checks.Required("event_code", body.EventCode, 1, 255, FieldChecks.EventCode);
        checks.Required("label", body.Label, 1, 255, FieldChecks.PlainText);
        checks.Required("description", body.Description, 1, 255, FieldChecks.PlainText);
        if (body.SampleEventTemplate is { } template
            && (template.Length > TemplateLengthMax || !FieldChecks.Base64.IsMatch(template)))
        {
            checks.Add(
                "sample_event_template",
                $"'sample_event_template' has {template.Length} characters. It must be base64 (RFC 4648, section 4, with its padding) of at most {TemplateLengthMax} characters, which is 64 KiB of template.");
        }

        return checks.Refusal;
    }

    public static EventMetadata ToEvent(EventMetadataBody body) => new()
    {
        EventCode = body.EventCode!,
        Label = body.Label!,
        Description = body.Description!,
        SampleEventTemplate = body.SampleEventTemplate is { Length: > 0 } ? body.SampleEventTemplate : null,
    };

    private static void CheckTexts(FieldChecks checks, string? label, string? description, string? docsUrl)
    {
        checks.Required("label", label, 1, 255, FieldChecks.PlainText);
        checks.Optional("description", description, 0, 255, FieldChecks.PlainText);
        checks.Optional("docs_url", docsUrl, 0, 255, FieldChecks.DocumentationUrl);
    }
}
