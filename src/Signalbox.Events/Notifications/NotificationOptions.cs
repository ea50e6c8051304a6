namespace Signalbox.Events.Notifications;

/// <summary>Who is told when a registration becomes unstable or disabled. Bound from the configuration section <c>Notifications</c>.</summary>
public sealed record NotificationOptions
{
    /// <summary>By e-mail. Used when <see cref="EmailOptions.Host"/> is given.</summary>
    public EmailOptions Email { get; init; } = new();

    /// <summary>By a webhook of the operator's. Used when <see cref="NoticeWebhookOptions.Url"/> is given.</summary>
    public NoticeWebhookOptions Webhook { get; init; } = new();

    /// <summary>What mails name as the documentation.</summary>
    public Uri DocumentationUrl { get; init; } = new("https://developer.adobe.com/events/docs");

    /// <summary>
    /// An organization gets at most one message a channel in this time. What happens in between is told together in the
    /// next one, so that a flapping endpoint or a great outage does not send a thousand mails. The log is told at once.
    /// </summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Changes that one message tells in full; it says how many more there are, which the next one tells.</summary>
    public int ChangesPerMessageMax { get; init; } = 100;

    /// <summary>How often a message is tried before it is given up, with the time between doubling from one minute to one hour.</summary>
    public int AttemptsMax { get; init; } = 12;

    /// <summary>Notices that may wait in the database; more only reach the log.</summary>
    public int WaitingMax { get; init; } = 10_000;
}

/// <summary>The mail server, and who gets the mail.</summary>
public sealed record EmailOptions
{
    /// <summary>The SMTP server's name; null: no mail.</summary>
    public string? Host { get; init; }

    public int Port { get; init; } = 587;

    public SmtpEncryption Encryption { get; init; } = SmtpEncryption.StartTls;

    /// <summary>Null: without signing in.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>The sender's address.</summary>
    public string? From { get; init; }

    /// <summary>The administrators of every organization that <see cref="Organizations"/> does not name.</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>The administrators of one organization, by its id; an empty list: nobody.</summary>
    public IReadOnlyDictionary<string, string[]> Organizations { get; init; } = new Dictionary<string, string[]>();

    /// <summary>For the whole conversation with the mail server.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>How the connection to the mail server is protected.</summary>
public enum SmtpEncryption
{
    /// <summary>Plain at first, then TLS; a server that does not offer it is refused.</summary>
    StartTls,

    /// <summary>TLS from the first byte, as on port 465.</summary>
    Tls,

    /// <summary>Never encrypted; for a relay on the same machine.</summary>
    None,
}

/// <summary>Where notices are posted as JSON.</summary>
public sealed record NoticeWebhookOptions
{
    /// <summary>Null: no webhook.</summary>
    public Uri? Url { get; init; }

    /// <summary>The key of the HMAC in <c>x-signalbox-signature</c>; null: not signed.</summary>
    public string? Secret { get; init; }

    /// <summary>For the whole attempt.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
