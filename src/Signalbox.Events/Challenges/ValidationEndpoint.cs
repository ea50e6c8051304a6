using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Challenges;

/// <summary>What a validation URL leads to (events behaviour, section 8): anybody who has it may open it, for 5 minutes.</summary>
internal static class ValidationEndpoint
{
    public static void MapValidation(this IEndpointRouteBuilder routes) => routes.MapGet(Challenge.ValidationPath, ValidateAsync);

    private static async Task<IResult> ValidateAsync(
        string? id, string? challenge, RegistrationDirectory directory, RegistrationSettler settler, ValidationStore validations,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var guid) || string.IsNullOrEmpty(challenge))
        {
            return ApiRefusal.BadRequest("The validation URL is not whole: it needs 'id' and 'challenge' as they were posted to the webhook.");
        }

        // A wrong id and a wrong challenge are told alike, so that nobody learns which registrations there are.
        if (await directory.FindAsync(new RegistrationId(guid), cancellationToken) is not { DeletedAt: null } registration
            || await validations.FindAsync(registration.Key, cancellationToken) is not { } validation
            || !CryptographicOperations.FixedTimeEquals(
                Encoding.ASCII.GetBytes(validation.ChallengeHash), Encoding.ASCII.GetBytes(ValidationStore.Hash(challenge))))
        {
            return ApiRefusal.NotFound("This validation URL is not known, or a newer challenge took its place. Use the newest one, or update the registration to get another.");
        }

        if (validation.ValidatedAt is null)
        {
            if (clock.GetUtcNow() >= validation.ExpiresAt)
            {
                return ApiRefusal.Gone("This validation URL has expired: it is good for 5 minutes. Update the registration to get another.");
            }

            await validations.MarkValidatedAsync(registration.Key, validation.ChallengeHash, clock.GetUtcNow());
            await settler.SettleValidatedAsync(registration.Id);
        }

        return Results.Text("The webhook is verified.", "text/plain");
    }
}
