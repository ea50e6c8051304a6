using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.EventHandlers;

/// <summary>How the entities between a delivery and the user's action are named (events behaviour, section 14.2).</summary>
internal static partial class HandlerNames
{
    public const string HandlerPackage = "acp";
    public const string BoundPackage = "bound_package";
    public const string UserSequenceAnnotation = "user_sequence";
    public const string HandlerAnnotation = "event_handler_sequence";
    public const string RecipientParameter = "recipient_client_id";

    private const int HashLength = 12;

    /// <summary>The service's package that every handler's package is bound to.</summary>
    public static EntityName SystemPackage { get; } = new("adobe", null, "acp-event-handler-3.0.0");

    public static EntityName Handler { get; } = new(SystemPackage.Namespace, SystemPackage.Name, "handler");

    public static EntityName Validator { get; } = new(SystemPackage.Namespace, SystemPackage.Name, "validate_action");

    public static string HandlerSequence(string suffix) => "sync_event_handler_" + suffix;

    /// <summary>
    /// <c>&lt;provider&gt;_&lt;event code&gt;_&lt;suffix&gt;</c>. Where that is no entity name, because of its characters or its
    /// length, the characters are replaced and a hash of the original keeps two such names apart.
    /// </summary>
    public static string UserSequence(string provider, string eventCode, string suffix)
    {
        var name = $"{provider}_{eventCode}_{suffix}";
        if (name.Length <= EntityNameRules.LengthMax && EntityNameRules.IsName(name))
        {
            return name;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength];
        var readable = IllegalCharacters().Replace($"{provider}_{eventCode}", "_");
        var space = EntityNameRules.LengthMax - HashLength - suffix.Length - 2;
        return $"_{readable[..Math.Min(readable.Length, space - 1)]}_{hash}_{suffix}";
    }

    [GeneratedRegex("[^A-Za-z0-9_@.&-]")]
    private static partial Regex IllegalCharacters();
}
