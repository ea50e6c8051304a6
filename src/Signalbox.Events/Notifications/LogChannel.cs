using Microsoft.Extensions.Logging;

namespace Signalbox.Events.Notifications;

/// <summary>The server's log, which is always told.</summary>
internal sealed partial class LogChannel(ILogger<LogChannel> logger) : INoticeChannel
{
    public string Name => "log";

    public bool IsPaced => false;

    public bool IsPausable => false;

    public bool Reaches(string organizationId) => true;

    public Task<string> SendAsync(NoticeMessage message, CancellationToken cancellationToken)
    {
        if (message.Changes.Count == 0)
        {
            Log.Test(logger);
        }

        foreach (var change in message.Changes)
        {
            Log.Changed(logger, change.RegistrationId, change.Name, change.OrganizationId, change.Status, change.PreviousStatus, change.Reason);
        }

        return Task.FromResult("written");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Registration {RegistrationId} ('{Name}', organization {OrganizationId}) is {Status}, it was {PreviousStatus}: {Reason}")]
        public static partial void Changed(
            ILogger logger, string registrationId, string name, string organizationId, string status, string previousStatus, string reason);

        [LoggerMessage(2, LogLevel.Warning, "This is a test of the notices, asked for with 'signalbox notify --test'")]
        public static partial void Test(ILogger logger);
    }
}
