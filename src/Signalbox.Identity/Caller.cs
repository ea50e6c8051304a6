namespace Signalbox.Identity;

/// <summary>Who calls an events API, proven by a bearer token and an API key.</summary>
public sealed record Caller
{
    /// <summary>The organization whose things the caller may see and change: the token's.</summary>
    public required OrganizationId OrganizationId { get; init; }

    /// <summary>The organization's IMS id.</summary>
    public required string ImsOrgId { get; init; }

    /// <summary>The client id of <c>x-api-key</c>; a known credential of the same organization.</summary>
    public required ClientId ApiKey { get; init; }
}
