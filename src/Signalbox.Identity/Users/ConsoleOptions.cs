namespace Signalbox.Identity.Users;

/// <summary>Settings of the console's users. Bound from the configuration section <c>Console</c>.</summary>
public sealed record ConsoleOptions
{
    /// <summary>How long a one-time link is good for. One minute to 30 days; default 24 hours.</summary>
    public TimeSpan LinkLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A session that is not used for so long ends. One minute to <see cref="SessionLifetime"/>; default 12 hours.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromHours(12);

    /// <summary>A session ends after so long, however much it is used. One minute to 90 days; default 7 days.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Failed attempts to sign in to one account from one address before both together wait; of one address, four times as
    /// many. 1 to 1,000; default 5.
    /// </summary>
    public int SignInFailuresMax { get; init; } = 5;

    /// <summary>
    /// Failed attempts to sign in to one account within <see cref="LockOut"/>, from all addresses together, before it waits
    /// everywhere. <see cref="SignInFailuresMax"/> to 100,000; default 100.
    /// </summary>
    public int AccountFailuresMax { get; init; } = 100;

    /// <summary>How long a wait after too many failures lasts. One second to one day; default 5 minutes.</summary>
    public TimeSpan LockOut { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long entries of the audit log are kept. One day to 10 years; default 400 days.</summary>
    public TimeSpan AuditRetention { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Signing in by an OpenID Connect provider, beside the password.</summary>
    public OpenIdConnectSettings OpenIdConnect { get; init; } = new();

    /// <exception cref="ArgumentException">A value that cannot be used; the message names it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value outside its range; the message names it.</exception>
    public void Validate()
    {
        OpenIdConnect.Validate();
        Check(LinkLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30), nameof(LinkLifetime));
        Check(SessionLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(90), nameof(SessionLifetime));
        Check(SessionIdle, TimeSpan.FromMinutes(1), SessionLifetime, nameof(SessionIdle));
        Check(LockOut, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), nameof(LockOut));
        Check(AuditRetention, TimeSpan.FromDays(1), TimeSpan.FromDays(3660), nameof(AuditRetention));
        if (SignInFailuresMax is < 1 or > 1000)
        {
            throw new ArgumentOutOfRangeException(nameof(SignInFailuresMax), SignInFailuresMax, "Console:SignInFailuresMax must be 1 to 1,000.");
        }

        if (AccountFailuresMax < SignInFailuresMax || AccountFailuresMax > 100_000)
        {
            throw new ArgumentOutOfRangeException(
                nameof(AccountFailuresMax), AccountFailuresMax, $"Console:AccountFailuresMax must be {SignInFailuresMax} (Console:SignInFailuresMax) to 100,000.");
        }
    }

    private static void Check(TimeSpan value, TimeSpan min, TimeSpan max, string name)
    {
        if (value < min || value > max)
        {
            throw new ArgumentOutOfRangeException(name, value, $"Console:{name} must be {min} to {max}.");
        }
    }
}
