using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.WebConsole.Registrations;

/// <summary>Registrations whose providers were deleted.</summary>
internal static class Orphans
{
    /// <summary>True when no provider of its events exists any more, so that it never matches again.</summary>
    public static async ValueTask<bool> IsOrphanAsync(this IProviderDirectory providers, Registration registration, CancellationToken cancellationToken)
    {
        foreach (var provider in registration.Interests.Select(interest => interest.ProviderId).Distinct())
        {
            if (await providers.FindAsync(provider, cancellationToken) is not null)
            {
                return false;
            }
        }

        return registration.Interests.Count > 0;
    }

    /// <summary>How many registrations of the workspace want events of a provider.</summary>
    public static async Task<int> CountOfProviderAsync(this IRegistrations registrations, Workspace workspace, string providerId, CancellationToken cancellationToken)
    {
        var count = 0;
        var query = new RegistrationQuery { Limit = RegistrationQuery.LimitMax };
        while (await registrations.ListAsync(workspace, query, cancellationToken) is { Items: [.., var last] } page)
        {
            count += page.Items.Count(r => r.Interests.Any(interest => interest.ProviderId.Equals(providerId, StringComparison.OrdinalIgnoreCase)));
            if (!page.HasOlder)
            {
                break;
            }

            query = query with { OlderThan = last.Key };
        }

        return count;
    }
}
