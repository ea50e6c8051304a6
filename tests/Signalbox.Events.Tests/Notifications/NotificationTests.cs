using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events.Egress;
using Signalbox.Events.Notifications;
using Signalbox.Events.Registrations;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Identity;
using Signalbox.Identity.Projects;
using Signalbox.Identity.Workspaces;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Notifications;

public sealed class NotificationTests
{
    [Fact]
    public async Task A_test_for_an_organization_that_there_is_not_is_refused()
    {
        await using var server = await EventsServer.StartAsync();

        var unknown = await server.SendAsync(HttpMethod.Post, "/admin/notifications/test?organization=nope");

        Assert.Equal(HttpStatusCode.BadRequest, unknown.Status);
        Assert.StartsWith("There is no organization 'nope'. Give the id of one", unknown.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        foreach (var organization in (string[])["", "?organization=", "?organization=" + server.Home.Workspace.OrganizationId])
        {
            Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Post, "/admin/notifications/test" + organization)).Status);
        }
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Administrators_get_a_mail_that_names_the_registration_both_statuses_and_what_to_do(TestEngine engine)
    {
        using var smtp = new SmtpListener();
        await using var post = new Post(engine, Mail(smtp));

        await post.ChangeAsync("Ship it", WebhookStatus.Verified, WebhookStatus.Unstable);
        await post.Sender.SendDueAsync(default);

        var (recipients, data) = Assert.Single(smtp.Mails);
        Assert.Equal(["ops@example.com"], recipients);
        Assert.Contains("Subject: Signalbox: registration 'Ship it' is UNSTABLE", data, StringComparison.Ordinal);
        Assert.Contains("'Ship it' was marked UNSTABLE from previous VERIFIED status", data, StringComparison.Ordinal);
        Assert.Contains("90 of 100 attempts failed", data, StringComparison.Ordinal);
        Assert.Contains("answers deliveries with 2XX", data, StringComparison.Ordinal);
        Assert.Equal(0, await post.CountAsync());
    }

    [Fact]
    public async Task A_mail_leads_to_the_registrations_page_the_documentation_and_the_pause_of_its_project()
    {
        using var smtp = new SmtpListener();
        await using var post = new Post(TestEngine.Sqlite, Mail(smtp));

        await post.ChangeAsync("Ship it", WebhookStatus.Verified, WebhookStatus.Unstable);
        await post.ChangeAsync("Bill it", WebhookStatus.Verified, WebhookStatus.Unstable);
        await post.Sender.SendDueAsync(default);

        var mail = Assert.Single(smtp.Mails).Data;
        Assert.Matches("in      project 'Shop', workspace 'Stage'", mail);
        Assert.Matches("see     http://localhost:3233/console/w/3/registrations/[0-9a-f-]{36}\\r?\\n", mail);
        Assert.Contains("Documentation: https://developer.adobe.com/events/docs", mail, StringComparison.Ordinal);
        Assert.Contains("'Pause email alerts' on its page:", mail, StringComparison.Ordinal);
        Assert.Single(mail.Split('\n'), line => line.Trim() == "Shop: http://localhost:3233/console/projects/2");
    }

    [Fact]
    public async Task A_mail_about_a_workspace_that_is_gone_names_it_by_its_id()
    {
        using var smtp = new SmtpListener();
        await using var post = new Post(TestEngine.Sqlite, Mail(smtp)) { Workspace = null };

        await post.ChangeAsync("Ship it", WebhookStatus.Verified, WebhookStatus.Unstable);
        await post.Sender.SendDueAsync(default);

        Assert.Contains("in      project '2', workspace '3'", Assert.Single(smtp.Mails).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_mail_tells_of_a_project_whose_alerts_are_paused_and_what_happened_meanwhile_is_not_told_later()
    {
        using var smtp = new SmtpListener();
        await using var post = new Post(TestEngine.Sqlite, Mail(smtp));

        post.Pauses.Projects.Add(new ProjectId("2"));
        await post.ChangeAsync("Quiet", WebhookStatus.Verified, WebhookStatus.Unstable);
        await post.Sender.SendDueAsync(default);
        Assert.Empty(smtp.Mails);
        Assert.Equal(0, await post.CountAsync());

        post.Pauses.Projects.Clear();
        await post.ChangeAsync("Loud", WebhookStatus.Verified, WebhookStatus.Unstable);
        await post.Sender.SendDueAsync(default);
        var mail = Assert.Single(smtp.Mails).Data;
        Assert.Contains("'Loud' was marked", mail, StringComparison.Ordinal);
        Assert.DoesNotContain("Quiet", mail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flapping_endpoint_sends_one_mail_an_interval_that_tells_all()
    {
        using var smtp = new SmtpListener();
        await using var post = new Post(TestEngine.Sqlite, Mail(smtp));

        for (var minute = 0; minute < 30; minute++)
        {
            await post.ChangeAsync("Flapping", WebhookStatus.Verified, WebhookStatus.Unstable);
            await post.Sender.SendDueAsync(default);
            post.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(2, smtp.Mails.Count);
        post.Clock.Advance(TimeSpan.FromMinutes(15));
        await post.Sender.SendDueAsync(default);

        Assert.Equal(3, smtp.Mails.Count);
        Assert.Equal(0, await post.CountAsync());
    }

    [Fact]
    public async Task What_a_mail_server_refuses_waits_over_a_restart_and_is_sent_later()
    {
        using var smtp = new SmtpListener { IsRefusing = true };
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var before = new Post(test, Mail(smtp));
        await before.ChangeAsync("Ship it", WebhookStatus.Unstable, WebhookStatus.HookUnreachable);
        await before.Sender.SendDueAsync(default);
        Assert.Equal(1, await before.CountAsync());

        smtp.IsRefusing = false;
        using var after = new Post(test, Mail(smtp));
        await after.Sender.SendDueAsync(default);
        Assert.Empty(smtp.Mails);
        test.Clock.Advance(TimeSpan.FromMinutes(1));
        await after.Sender.SendDueAsync(default);

        Assert.Contains("HOOK_UNREACHABLE from previous UNSTABLE", Assert.Single(smtp.Mails).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_is_given_up_after_the_last_attempt()
    {
        using var smtp = new SmtpListener { IsRefusing = true };
        await using var post = new Post(TestEngine.Sqlite, Mail(smtp) with { AttemptsMax = 3 });
        await post.ChangeAsync("Ship it", WebhookStatus.Verified, WebhookStatus.Unstable);

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Equal(attempt == 1 ? 2 : 1, await post.CountAsync());
            await post.Sender.SendDueAsync(default);
            post.Clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(0, await post.CountAsync());
    }

    [Fact]
    public async Task A_change_that_was_rolled_back_is_not_told()
    {
        await using var post = new Post(TestEngine.Sqlite, new NotificationOptions());

        await Assert.ThrowsAsync<InvalidOperationException>(() => post.Database.WriteAsync(session =>
        {
            post.Outbox.Add(session, post.Notice("Ship it", WebhookStatus.Verified, WebhookStatus.Unstable));
            throw new InvalidOperationException("The commit fails.");
        }));

        Assert.Equal(0, await post.CountAsync());
    }

    [Fact]
    public async Task The_outbox_has_a_limit()
    {
        await using var post = new Post(TestEngine.Sqlite, new NotificationOptions { WaitingMax = 3 });

        for (var i = 0; i < 10; i++)
        {
            await post.ChangeAsync("Ship it", WebhookStatus.Verified, WebhookStatus.Unstable);
        }

        Assert.Equal(3, await post.CountAsync());
    }

    [Fact]
    public async Task Each_organization_has_its_own_administrators()
    {
        using var smtp = new SmtpListener();
        var options = Mail(smtp);
        options = options with { Email = options.Email with { User = "box", Password = "secret", Organizations = new Dictionary<string, string[]> { ["1"] = ["one@example.com", "two@example.com"], ["9"] = [] } } };
        await using var post = new Post(TestEngine.Sqlite, options);

        await post.ChangeAsync("Ship it", WebhookStatus.Verified, WebhookStatus.Unstable);
        await post.Sender.SendDueAsync(default);

        Assert.Equal(["one@example.com", "two@example.com"], Assert.Single(smtp.Mails).Recipients);
        Assert.Equal("\0box\0secret", Encoding.UTF8.GetString(Convert.FromBase64String(smtp.SignedInWith!)));
        Assert.Equal("not set up", (await post.Sender.TestAsync("9", default)).Single(t => t.Channel == "email").Detail);
    }

    [Fact]
    public async Task A_name_cannot_add_lines_to_a_mail()
    {
        using var smtp = new SmtpListener();
        await using var post = new Post(TestEngine.Sqlite, Mail(smtp));
        post.Workspace = post.Workspace! with { ProjectTitle = "y\r\nBcc: all@example.com\r\n" };

        await post.ChangeAsync("x\r\nBcc: all@example.com\r\n", WebhookStatus.Verified, WebhookStatus.Unstable);
        await post.Sender.SendDueAsync(default);

        var (recipients, data) = Assert.Single(smtp.Mails);
        Assert.Equal(["ops@example.com"], recipients);
        Assert.DoesNotContain("\nBcc:", data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operators_webhook_gets_signed_json_and_is_guarded()
    {
        await using var hook = await WebhookListener.StartAsync();
        var options = new NotificationOptions { Webhook = new NoticeWebhookOptions { Url = hook.Url, Secret = "shared" } };
        await using var post = new Post(TestEngine.Sqlite, options);
        await using var guarded = new Post(TestEngine.Sqlite, options, new EventsOptions());

        await post.ChangeAsync("Ship it", WebhookStatus.Verified, WebhookStatus.Unstable);
        await post.Sender.SendDueAsync(default);
        var request = await hook.NextAsync();
        var refused = (await guarded.Sender.TestAsync("1", default)).Single(t => t.Channel == "webhook");

        Assert.Equal(Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes("shared"), request.Body)), request.Headers["x-signalbox-signature"]);
        var body = JsonElement.Parse(request.Body);
        Assert.Equal("registration.status", body.GetProperty("type").GetString());
        Assert.Equal("unstable", body.GetProperty("changes")[0].GetProperty("status").GetString());
        Assert.Equal(
            $"http://localhost:3233/console/w/3/registrations/{body.GetProperty("changes")[0].GetProperty("registration_id").GetString()}",
            body.GetProperty("changes")[0].GetProperty("registration_url").GetString());
        Assert.Equal("Shop", body.GetProperty("changes")[0].GetProperty("project_title").GetString());
        Assert.False(refused.Sent);
        Assert.Contains("loopback", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(0, hook.Unread);
    }

    [Fact]
    public async Task A_mail_server_that_does_not_answer_holds_up_no_other_channel()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var hook = await WebhookListener.StartAsync();
        await using var post = new Post(
            TestEngine.Sqlite,
            new NotificationOptions
            {
                Email = new EmailOptions
                {
                    Host = "127.0.0.1", Port = ((IPEndPoint)silent.LocalEndpoint).Port, Encryption = SmtpEncryption.None, From = "signalbox@example.com", To = ["ops@example.com"],
                },
                Webhook = new NoticeWebhookOptions { Url = hook.Url },
            });
        await post.ChangeAsync("Ship it", WebhookStatus.Verified, WebhookStatus.Unstable);

        var sending = post.Sender.SendDueAsync(default);
        await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await post.CountAsync() == 1);

        Assert.False(sending.IsCompleted);
        await DeliveryEngine.UntilAsync(() =>
        {
            post.Clock.Advance(TimeSpan.FromSeconds(31));
            return Task.FromResult(sending.IsCompleted);
        });
        Assert.Equal(1, await post.CountAsync());
    }

    [Fact]
    public async Task Why_a_mail_server_cannot_be_talked_to_by_tls_is_told_in_one_line()
    {
        using var smtp = new SmtpListener();
        var plain = Mail(smtp);
        await using var post = new Post(TestEngine.Sqlite, plain with { Email = plain.Email with { Encryption = SmtpEncryption.Tls } });

        var told = (await post.Sender.TestAsync("", default)).Single(channel => channel.Channel == "email");

        Assert.Matches("SSL or TLS connection\\. .+", told.Detail);
        Assert.DoesNotContain('\n', told.Detail);
    }

    [Fact]
    public async Task A_webhook_that_cannot_be_reached_is_told_with_the_reason_in_one_line()
    {
        await using var post = new Post(TestEngine.Sqlite, new NotificationOptions { Webhook = new NoticeWebhookOptions { Url = new Uri("http://127.0.0.1:1/") } }, new EventsOptions());

        var told = (await post.Sender.TestAsync("", default)).Single(channel => channel.Channel == "webhook");

        Assert.False(told.Sent);
        Assert.StartsWith("The POST to 127.0.0.1 got no answer (602: The webhook host '127.0.0.1' is at 127.0.0.1, a loopback address", told.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', told.Detail);
    }

    [Fact]
    public async Task A_test_says_how_each_channel_answered()
    {
        using var smtp = new SmtpListener();
        await using var post = new Post(TestEngine.Sqlite, Mail(smtp));

        var good = await post.Sender.TestAsync("", default);
        smtp.IsRefusing = true;
        var bad = await post.Sender.TestAsync("", default);

        Assert.Equal([("log", true), ("email", true), ("webhook", null)], good.Select(t => (t.Channel, t.Sent)));
        Assert.Contains("taken", good[1].Detail, StringComparison.Ordinal);
        Assert.False(bad[1].Sent);
        Assert.Contains("nobody here", bad[1].Detail, StringComparison.Ordinal);
        Assert.Contains("this is a test", Assert.Single(smtp.Mails).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_webhook_answers_is_told_in_one_line()
    {
        await using var hook = await WebhookListener.StartAsync();
        hook.Answer = context =>
        {
            context.Response.StatusCode = 500;
            return context.Response.WriteAsync("no\r\n2026-01-01 info: all is well \e[2J" + new string('.', 1_000));
        };
        await using var post = new Post(TestEngine.Sqlite, new NotificationOptions { Webhook = new NoticeWebhookOptions { Url = hook.Url } });

        var answer = (await post.Sender.TestAsync("1", default)).Single(t => t.Channel == "webhook");

        Assert.False(answer.Sent);
        Assert.StartsWith("The POST to 127.0.0.1 was answered 500: no  2026-01-01 info: all is well  [2J...", answer.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Detail, char.IsControl);
        Assert.InRange(answer.Detail.Length, 100, 400);
    }

    [Fact]
    public void Settings_that_cannot_work_are_named()
    {
        var nobody = new NotificationOptions { Email = new EmailOptions { Host = "mail", From = "a@example.com" } };
        var noSender = nobody with { Email = nobody.Email with { From = null, To = ["b@example.com"] } };

        Assert.Contains("Notifications:Email:To", Assert.Throws<FormatException>(() => NotificationServices.Validate(nobody)).Message, StringComparison.Ordinal);
        Assert.Contains("Notifications:Email:From", Assert.Throws<FormatException>(() => NotificationServices.Validate(noSender)).Message, StringComparison.Ordinal);
        var noTime = new NotificationOptions { Webhook = new NoticeWebhookOptions { Timeout = TimeSpan.FromSeconds(-1) } };
        Assert.Equal(
            "Notifications:Webhook:Timeout is -00:00:01. It must be more than 0 and at most 01:00:00.",
            Assert.Throws<FormatException>(() => NotificationServices.Validate(noTime)).Message);
    }

    private static NotificationOptions Mail(SmtpListener smtp) => new()
    {
        Email = new EmailOptions { Host = "127.0.0.1", Port = smtp.Port, Encryption = SmtpEncryption.None, From = "signalbox@example.com", To = ["ops@example.com"] },
    };

    private sealed class FakePauses : IAlertPauses
    {
        public HashSet<ProjectId> Projects { get; } = [];

        public Task<IReadOnlySet<ProjectId>> ListPausedAsync(OrganizationId organization, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlySet<ProjectId>>(Projects);
    }

    /// <summary>The outbox and its sender, put together by hand.</summary>
    private sealed class Post : IDisposable, IAsyncDisposable
    {
        private readonly TestDatabase _test;
        private readonly bool _ownsTest;
        private readonly WebhookClient _client;
        private readonly Bell<NoticeSender> _bell;

        public Post(TestEngine engine, NotificationOptions options, EventsOptions? events = null)
            : this(new TestDatabase(engine, EventsRoom.Migrations), options, events) => _ownsTest = true;

        public Post(TestDatabase test, NotificationOptions options, EventsOptions? events = null)
        {
            events ??= new EventsOptions { AllowPrivateTargets = true };
            _test = test;
            var check = new TargetCheck(new WebhookTargetPolicy(events), new SystemHostResolver(test.Clock), test.Clock);
            _client = new WebhookClient(new CheckedConnector(check, new EgressProxy(events)), new RecordingHandlers(), events, test.Clock, NullLogger<WebhookClient>.Instance);
            _bell = new Bell<NoticeSender>(test.Clock);
            INoticeChannel[] channels =
                [new LogChannel(NullLogger<LogChannel>.Instance), new EmailChannel(options, events, test.Clock), new WebhookChannel(options, _client)];
            Outbox = new NoticeOutbox(test.Database, channels, _bell, options, NullLogger<NoticeOutbox>.Instance);
            Sender = new NoticeSender(Outbox, channels, Pauses, (_, _) => Task.FromResult<WorkspaceEntry?>(Workspace), _bell, options, events, test.Clock, NullLogger<NoticeSender>.Instance);
        }

        /// <summary>The projects whose email alerts are paused.</summary>
        public FakePauses Pauses { get; } = new();

        /// <summary>What the workspace of all registrations is called; null: it is gone.</summary>
        public WorkspaceEntry? Workspace { get; set; } = new()
        {
            Workspace = new Workspace { OrganizationId = new("1"), ImsOrgId = "ims", ProjectId = new("2"), WorkspaceId = new("3"), Name = "Stage" },
            OrganizationName = "House",
            ProjectName = "shop",
            ProjectTitle = "Shop",
        };

        public NoticeOutbox Outbox { get; }

        public NoticeSender Sender { get; }

        public Storage.Database Database => _test.Database;

        public Microsoft.Extensions.Time.Testing.FakeTimeProvider Clock => _test.Clock;

        public Task ChangeAsync(string name, WebhookStatus before, WebhookStatus after) =>
            Database.WriteAsync(session => Outbox.Add(session, Notice(name, before, after)));

        public StatusNotice Notice(string name, WebhookStatus before, WebhookStatus after) => new()
        {
            Registration = new Registration
            {
                Key = 1,
                Id = new RegistrationId(Guid.NewGuid()),
                OrganizationId = new("1"),
                ProjectId = new("2"),
                WorkspaceId = new("3"),
                ClientId = new("client"),
                CredentialId = new("4"),
                Name = name,
                Description = "",
                DeliveryType = DeliveryType.Webhook,
                IsEnabled = true,
                Status = after,
                Interests = [],
                CreatedAt = Clock.GetUtcNow(),
                UpdatedAt = Clock.GetUtcNow(),
                MeasuredSince = Clock.GetUtcNow(),
            },
            Before = before,
            ChangedAt = Clock.GetUtcNow(),
            Reason = "90 of 100 attempts failed in the last 24 hours.",
        };

        public Task<long> CountAsync() => Database.WriteAsync(session => session.ScalarPrepared<long>("SELECT COUNT(*) FROM notices"));

        public void Dispose()
        {
            Sender.Dispose();
            _client.Dispose();
            _bell.Dispose();
        }

        public async ValueTask DisposeAsync()
        {
            Dispose();
            if (_ownsTest)
            {
                await _test.DisposeAsync();
            }
        }
    }
}
