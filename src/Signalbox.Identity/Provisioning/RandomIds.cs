using System.Security.Cryptography;

namespace Signalbox.Identity.Provisioning;

/// <summary>New ids and secrets in the forms of the hosted service (clients, section 5), from a cryptographic generator.</summary>
internal static class RandomIds
{
    private const string Digits = "0123456789";
    private const string HexUpper = "0123456789ABCDEF";
    private const string HexLower = "0123456789abcdef";
    private const string Alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const string UrlSafe = Alphanumerics + "-_";

    public static OrganizationId Organization() => new(Decimal(8));

    public static ProjectId Project() => new(Decimal(19));

    public static WorkspaceId Workspace() => new(Decimal(19));

    public static CredentialId Credential() => new(Decimal(9));

    public static string ImsOrg() => RandomNumberGenerator.GetString(HexUpper, 24) + "@AdobeOrg";

    public static ClientId Client() => new(RandomNumberGenerator.GetString(HexLower, 32));

    public static string ClientSecret() => "p8e-" + RandomNumberGenerator.GetString(UrlSafe, 40);

    public static string TechnicalAccount() => RandomNumberGenerator.GetString(HexUpper, 24) + "@techacct.adobe.com";

    /// <summary>A credential with a technical account of its own.</summary>
    public static Credential NewCredential(Workspace workspace, string name) => new()
    {
        Id = Credential(),
        ClientId = Client(),
        Name = name,
        TechnicalAccountId = TechnicalAccount(),
        TechnicalAccountEmail = $"{Guid.NewGuid():D}@techacct.adobe.com",
        Workspace = workspace,
    };

    public static string NamespaceKey() => RandomNumberGenerator.GetString(Alphanumerics, 64);

    // The first digit is fixed, so that a project id also fits a signed 64-bit integer and none starts with zero.
    private static string Decimal(int digits) => "4" + RandomNumberGenerator.GetString(Digits, digits - 1);
}
