using System.Text.RegularExpressions;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.EventBridge;

/// <summary>What a request may say in <c>destination_metadata</c> (events behaviour, section 5.2).</summary>
internal static partial class DestinationRules
{
    private const string Field = "destination_metadata";

    /// <summary>The destination; null when there is none or it is wrong.</summary>
    public static EventBridgeDestination? Check(FieldChecks checks, DeliveryType? type, RegistrationBody body)
    {
        if (type != DeliveryType.AwsEventBridge)
        {
            if (body.DestinationMetadata is not null)
            {
                checks.Add(Field, $"'{Field}' goes with 'delivery_type' aws_eventbridge only. Remove it.");
            }

            return null;
        }

        if (!string.IsNullOrEmpty(body.WebhookUrl) || !string.IsNullOrEmpty(body.RuntimeAction))
        {
            var given = string.IsNullOrEmpty(body.WebhookUrl) ? "runtime_action" : "webhook_url";
            checks.Add(given, $"'{given}' does not go with 'delivery_type' aws_eventbridge. Remove it.");
        }

        if (body.DestinationMetadata is not { } metadata)
        {
            checks.Add(Field, $"'{Field}' is missing. Give 'aws_region' and 'aws_account_id'.");
            return null;
        }

        checks.Required(Field + ".aws_region", metadata.AwsRegion, 1, 32, Region);
        checks.Required(Field + ".aws_account_id", metadata.AwsAccountId, 12, 12, Account);
        return metadata is { AwsRegion: { } region, AwsAccountId: { } account } ? new EventBridgeDestination(region, account) : null;
    }

    [GeneratedRegex(@"\A(us|ca|eu|af|ap|cn|me|sa|il)-[a-z]+-[0-9]\z")]
    private static partial Regex Region { get; }

    [GeneratedRegex(@"\A[0-9]{12}\z")]
    private static partial Regex Account { get; }
}
