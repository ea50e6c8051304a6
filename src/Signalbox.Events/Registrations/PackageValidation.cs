using Signalbox.Events.Edge;
using Signalbox.Events.Providers;
using Signalbox.Identity;

namespace Signalbox.Events.Registrations;

/// <summary>
/// Judges the registrations that an app's package declares, before it is packed (events behaviour, section 5.1): the
/// command line asks for that in <c>aio app pack</c>.
/// </summary>
internal sealed class PackageValidation(ProviderDirectory providers, EventsOptions options)
{
    public async Task<ApiRefusal?> FindObjectionAsync(
        OrganizationId organization, IReadOnlyList<DeclaredRegistration?> declared, CancellationToken cancellationToken)
    {
        if (declared.Count > options.RegistrationsPerClientMax)
        {
            return ApiRefusal.BadRequest($"The package declares {declared.Count} registrations. A client takes at most {options.RegistrationsPerClientMax}.");
        }

        var checks = new FieldChecks();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var known = (await providers.ListAsync(organization, cancellationToken))
            .SelectMany(p => p.Events.Select(e => (p.ProviderMetadata, e.EventCode))).ToHashSet();
        for (var i = 0; i < declared.Count; i++)
        {
            Check(checks, $"[{i}]", declared[i], names, known);
        }

        return checks.Refusal;
    }

    private static void Check(
        FieldChecks checks, string at, DeclaredRegistration? registration, HashSet<string> names, HashSet<(string Family, string EventCode)> known)
    {
        if (registration is null)
        {
            checks.Add(at, $"'{at}' is null. It must be an object with 'name', 'events_of_interest' and 'runtime_action'.");
            return;
        }

        checks.Required(at + ".name", registration.Name, 3, 255);
        checks.Optional(at + ".description", registration.Description, 0, 5_000);
        if (registration.Name is { } name && !names.Add(name))
        {
            checks.Add(at + ".name", $"'{at}.name' is '{FieldChecks.Shown(name)}' a second time. Give each registration a name of its own.");
        }

        if (registration.RuntimeAction?.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            checks.Add(at + ".runtime_action", $"'{at}.runtime_action' is '{FieldChecks.Shown(registration.RuntimeAction ?? "")}'. It must be <package>/<action>.");
        }

        if (registration.EventsOfInterest is not { Count: > 0 } interests)
        {
            checks.Add(at + ".events_of_interest", $"'{at}.events_of_interest' must be an array of at least one item.");
            return;
        }

        for (var i = 0; i < interests.Count; i++)
        {
            Check(checks, $"{at}.events_of_interest[{i}]", interests[i], known);
        }
    }

    private static void Check(FieldChecks checks, string at, DeclaredInterest? interest, HashSet<(string Family, string EventCode)> known)
    {
        if (interest?.ProviderMetadata is not { Length: > 0 } family || ProviderFamily.Find(family) is null)
        {
            checks.Add(
                at + ".provider_metadata",
                $"'{at}.provider_metadata' is '{FieldChecks.Shown(interest?.ProviderMetadata ?? "")}', which is none. GET /events/providermetadata lists them.");
            return;
        }

        if (interest.EventCodes is not { Count: > 0 })
        {
            checks.Add(at + ".event_codes", $"'{at}.event_codes' must be an array of at least one event code.");
        }

        foreach (var code in interest.EventCodes ?? [])
        {
            if (!known.Contains((family, code ?? "")))
            {
                checks.Add(
                    at + ".event_codes",
                    $"No provider of '{family}' in your organization has the event code '{FieldChecks.Shown(code ?? "")}'. Create its event metadata first, or correct the code.");
            }
        }
    }
}

/// <summary>A registration as a package declares it.</summary>
internal sealed record DeclaredRegistration
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<DeclaredInterest?>? EventsOfInterest { get; init; }

    public string? RuntimeAction { get; init; }
}

/// <summary>Event codes of a family of providers.</summary>
internal sealed record DeclaredInterest
{
    public string? ProviderMetadata { get; init; }

    public IReadOnlyList<string?>? EventCodes { get; init; }
}

/// <summary>That a package is good. The shape is Signalbox's own: the reference does not describe it.</summary>
internal sealed record PackageVerdict(bool Valid);
