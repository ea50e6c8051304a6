namespace Signalbox.Identity;

/// <summary>The scopes that a server-to-server credential holds.</summary>
public static class Scopes
{
    /// <summary>The scope without which the events APIs answer 403 (events behaviour, section 2).</summary>
    public const string AdobeIoApi = "adobeio_api";

    /// <summary>All of them, in the order of the Developer Console's download; what a token gets when it asks for none.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "AdobeID",
        "openid",
        "read_organizations",
        "additional_info.projectedProductContext",
        "additional_info.roles",
        AdobeIoApi,
        "read_client_secret",
        "manage_client_secrets",
        "event_receiver_api",
    ];

    /// <summary>Splits a scope parameter: separated by commas (the Adobe clients) or spaces (RFC 6749).</summary>
    public static string[] Split(string scope) =>
        scope.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
