namespace Signalbox.Identity;

/// <summary>Settings of the identity room. Bound from the configuration section <c>Identity</c>.</summary>
public sealed record IdentityOptions
{
    /// <summary>How long an access token is good for. One minute to 365 days; default 24 hours, like the hosted service.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The issuer (<c>iss</c>) in the tokens; tokens of another issuer are refused.</summary>
    public string TokenIssuerName { get; init; } = "signalbox";

    /// <summary>Failed client authentications within <see cref="FailureWindow"/> before further ones of a client id are answered 429 at one address. 1 to 1,000.</summary>
    public int FailuresMax { get; init; } = 10;

    /// <summary>The window in which failures count, from the first of them. One second to one hour; default one minute.</summary>
    public TimeSpan FailureWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Requests to the management APIs that one API key may send within <see cref="RequestWindow"/>; more get 429. Publishing
    /// has a limit of its own. 1 to 100,000,000.
    /// </summary>
    public int RequestsPerWindowMax { get; init; } = 3_000;

    /// <summary>The window of <see cref="RequestsPerWindowMax"/>. One second to one hour; default 5 seconds.</summary>
    public TimeSpan RequestWindow { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Entries that each cache (credentials, namespaces, tokens …) holds at most, about. 2 to 10,000,000.</summary>
    public int CacheEntriesMax { get; init; } = 20_000;

    /// <exception cref="FormatException">A setting is outside its range; the message names it.</exception>
    public void Validate()
    {
        Check(TokenLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365), nameof(TokenLifetime));
        Check(FailuresMax, 1, 1_000, nameof(FailuresMax));
        Check(FailureWindow, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), nameof(FailureWindow));
        Check(RequestsPerWindowMax, 1, 100_000_000, nameof(RequestsPerWindowMax));
        Check(RequestWindow, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), nameof(RequestWindow));
        Check(CacheEntriesMax, 2, 10_000_000, nameof(CacheEntriesMax));
    }

    private static void Check<T>(T value, T min, T max, string name)
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            throw new FormatException($"Identity:{name} is {value}. It must be from {min} to {max}.");
        }
    }
}
