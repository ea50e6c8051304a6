using System.Net.Sockets;
using System.Security.Authentication;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Signalbox.Events.Notifications;

/// <summary>E-mail through the operator's SMTP server.</summary>
internal sealed class EmailChannel(NotificationOptions options, EventsOptions events, TimeProvider clock) : INoticeChannel
{
    private const int ReasonCharactersMax = 500;

    private EmailOptions Email => options.Email;

    public string Name => "email";

    public bool IsPaced => true;

    public bool IsPausable => true;

    public bool Reaches(string organizationId) => Email.Host is { Length: > 0 } && AddressesOf(organizationId).Count > 0;

    public async Task<string> SendAsync(NoticeMessage message, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Email.Timeout, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var client = new SmtpClient();
        try
        {
            await client.ConnectAsync(Email.Host!, Email.Port, Of(Email.Encryption), end.Token);
            if (Email.User is { Length: > 0 } user)
            {
                await client.AuthenticateAsync(user, Email.Password ?? "", end.Token);
            }

            using var mail = Compose(message);
            var answer = await client.SendAsync(mail, end.Token);
            await client.DisconnectAsync(quit: true, end.Token);
            return $"{Email.Host}:{Email.Port} took it for {mail.To}: {answer}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NoticeFailedException($"The mail server {Email.Host}:{Email.Port} took longer than {Email.Timeout.TotalSeconds:0} s.");
        }
        catch (Exception exception) when (exception is CommandException or ProtocolException or SocketException or IOException
            or System.Security.Authentication.AuthenticationException or MailKit.Security.AuthenticationException or SslHandshakeException
            or ServiceNotConnectedException or ServiceNotAuthenticatedException or NotSupportedException)
        {
            throw new NoticeFailedException($"The mail server {Email.Host}:{Email.Port} refused: {OneLine(exception.Message)}", exception);
        }
    }

    /// <summary>Why a TLS handshake failed stands below the first line.</summary>
    private static string OneLine(string message)
    {
        var line = string.Join(' ', message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(part => part.TrimStart('•', ' ')));
        return line.Length <= ReasonCharactersMax ? line : string.Concat(line.AsSpan(0, ReasonCharactersMax), "…");
    }

    /// <summary>The administrators of an organization.</summary>
    public IReadOnlyList<string> AddressesOf(string organizationId) =>
        Email.Organizations.TryGetValue(organizationId, out var own) ? own : Email.To;

    private MimeMessage Compose(NoticeMessage message)
    {
        var mail = new MimeMessage { Subject = message.Subject, Date = clock.GetUtcNow(), Body = new TextPart("plain") { Text = message.Text(events.PublicUrl(), options.DocumentationUrl) } };
        mail.From.Add(MailboxAddress.Parse(Email.From!));
        foreach (var address in AddressesOf(message.OrganizationId))
        {
            mail.To.Add(MailboxAddress.Parse(address));
        }

        // No out-of-office answers.
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        return mail;
    }

    private static SecureSocketOptions Of(SmtpEncryption encryption) => encryption switch
    {
        SmtpEncryption.StartTls => SecureSocketOptions.StartTls,
        SmtpEncryption.Tls => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.None,
    };
}
