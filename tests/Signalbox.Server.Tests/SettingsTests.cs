using Microsoft.Extensions.Configuration;
using Signalbox.Events;
using Signalbox.Sandbox;

namespace Signalbox.Server.Tests;

/// <summary>A server that cannot start says why in one line that names the culprit.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void An_unknown_setting_is_refused_by_name()
    {
        var refusal = Assert.Throws<SettingsException>(() => ServerSettings.Bind(Configure("Sandbox:Nope", "1"), "Sandbox", Defaults()));

        Assert.Equal("Configuration section 'Sandbox' has no 'Nope'. docs/operating.md lists the settings.", refusal.Message);
    }

    [Fact]
    public void A_value_of_the_wrong_type_is_refused_with_its_key()
    {
        var refusal = Assert.Throws<SettingsException>(() => ServerSettings.Bind(Configure("Sandbox:TemporaryMb", "x"), "Sandbox", Defaults()));

        Assert.Equal("Sandbox:TemporaryMb is 'x'. It must be a whole number.", refusal.Message);
    }

    [Fact]
    public void An_entry_of_a_list_that_lacks_something_is_refused_with_what_it_lacks()
    {
        var refusal = Assert.Throws<SettingsException>(() => ServerSettings.Bind(Configure("Sandbox:Interpreters:0:Kind", "nodejs:22"), "Sandbox", Defaults()));

        Assert.Contains("'Path'", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("WriteQueueLength", "-1", "Storage:WriteQueueLength is -1. It must be from 1 to 1000000.")]
    [InlineData("OperationsPerCommitMax", "0", "Storage:OperationsPerCommitMax is 0. It must be from 1 to 65536.")]
    [InlineData("PostgresConnectionString", "nonsense", "Storage:PostgresConnectionString cannot be used: ")]
    [InlineData("PostgresConnectionString", "Hosst=a", "Storage:PostgresConnectionString cannot be used: ")]
    [InlineData("PostgresConnectionString", "Database=a", "Storage:PostgresConnectionString cannot be used: It names no Host.")]
    public void A_setting_of_the_database_that_cannot_be_used_is_refused_by_name(string key, string value, string message)
    {
        var settings = new ServerSettings { DataDirectory = "/nowhere", Urls = ServerSettings.DefaultUrl };

        Assert.StartsWith(message, Assert.Throws<SettingsException>(() => settings.Storage(Configure("Storage:" + key, value))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_of_the_identity_room_outside_its_range_is_refused_with_the_range()
    {
        var settings = new ServerSettings { DataDirectory = "/nowhere", Urls = ServerSettings.DefaultUrl };

        Assert.Equal(
            "Identity:FailuresMax is 0. It must be from 1 to 1000.",
            Assert.Throws<SettingsException>(() => settings.Identity(Configure("Identity:FailuresMax", "0"))).Message);
    }

    [Fact]
    public void A_number_of_the_runtime_or_its_sandbox_outside_its_range_is_refused_with_the_range()
    {
        var settings = new ServerSettings { DataDirectory = "/nowhere", Urls = ServerSettings.DefaultUrl };

        Assert.Equal(
            "Runtime:PayloadBytesMax is 0. It must be from 1 to 2147483647.",
            Assert.Throws<SettingsException>(() => settings.Runtime(Configure("Runtime:PayloadBytesMax", "0"), new ServerAddress(settings))).Message);
        Assert.Equal(
            "Sandbox:PidsMax is 1. It must be from 16 to 4194304.",
            Assert.Throws<SettingsException>(() => settings.Sandbox(Configure("Sandbox:PidsMax", "1"))).Message);
        Assert.Equal(7, settings.Runtime(Configure("Runtime:InvocationsPerMinute", "7"), new ServerAddress(settings)).InvocationsPerMinute);
    }

    [Theory]
    [InlineData("Storage:DataDirectory")]
    [InlineData("Sandbox:WorkDirectory")]
    [InlineData("Events:NodeName")]
    public void What_follows_from_the_data_directory_cannot_be_set_apart_from_it(string key)
    {
        var refusal = Assert.Throws<SettingsException>(() => ServerSettings.RefuseKeysOfDataDirectory(Configure(key, "elsewhere")));

        Assert.Equal($"{key} cannot be set: it follows from the data directory. Name that with --data DIR.", refusal.Message);
    }

    [Fact]
    public void A_level_of_the_log_that_is_none_is_refused_with_its_key_and_those_there_are()
    {
        var refusal = Assert.Throws<SettingsException>(() => ServerSettings.RefuseUnknownLogLevels(Configure("Logging:LogLevel:Default", "Loud")));

        Assert.Equal("Logging:LogLevel:Default is 'Loud'. It must be one of Trace, Debug, Information, Warning, Error, Critical, None.", refusal.Message);
        ServerSettings.RefuseUnknownLogLevels(Configure("Logging:LogLevel:Default", "debug"));
    }

    [Theory]
    [InlineData("ConcurrencyMax", "0", "Events:ConcurrencyMax is 0. It must be from 1 to 65536.")]
    [InlineData("ConcurrencyPerRegistration", "-1", "Events:ConcurrencyPerRegistration is -1. It must be from 1 to 65536.")]
    [InlineData("ReplayEventsPerSecond", "-4", "Events:ReplayEventsPerSecond is -4. It must be from 1 to 1000000.")]
    [InlineData("ReplayWindowPercent", "1000", "Events:ReplayWindowPercent is 1000. It must be from 1 to 100.")]
    [InlineData("HealthWindow", "00:00:01", "Events:HealthWindow is 00:00:01. It must be from 01:00:00 to 365.00:00:00.")]
    [InlineData("EventBridge:RequestBytesMax", "0", "Events:EventBridge:RequestBytesMax is 0. It must be from 1 to 52428800.")]
    [InlineData("ClientCertificate:ReissueBefore", "300.00:00:00", "Events:ClientCertificate:ReissueBefore is 300.00:00:00. It must be from 00:00:00 to 198.00:00:00.")]
    public void A_number_outside_its_range_is_refused_with_the_range(string key, string value, string message)
    {
        var settings = new ServerSettings { DataDirectory = "/nowhere", Urls = ServerSettings.DefaultUrl };

        Assert.Equal(message, Assert.Throws<SettingsException>(() => settings.Events(Configure("Events:" + key, value), new ServerAddress(settings))).Message);
    }

    [Fact]
    public void Every_number_of_the_events_room_has_a_range_and_the_defaults_are_within()
    {
        var settings = new ServerSettings { DataDirectory = "/nowhere", Urls = ServerSettings.DefaultUrl };
        EventsOptions Read(string key, string value) => settings.Events(Configure("Events:" + key, value), new ServerAddress(settings));

        Assert.Equal(new EventsOptions().ReplaysMax, Read("IngressHost", "events.example.com").ReplaysMax);
        foreach (var number in typeof(EventsOptions).GetProperties().Where(property => property.PropertyType == typeof(int) || property.PropertyType == typeof(TimeSpan)))
        {
            var value = number.PropertyType == typeof(int) ? "-1" : "-1.00:00:00";
            Assert.StartsWith($"Events:{number.Name} is {value}", Assert.Throws<SettingsException>(() => Read(number.Name, value)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Events:JournalRetention", "7", "Events:JournalRetention is '7'. Times are written hh:mm:ss or d.hh:mm:ss: 30 seconds are 00:00:30, 7 days are 7.00:00:00.")]
    [InlineData("Events:JournalRetention", "1 week", "Events:JournalRetention is '1 week'. Times are written")]
    [InlineData("Events:JournalRetention", "24:00:00", "Events:JournalRetention is '24:00:00'. Times are written")]
    [InlineData("Events:ClientCertificate:Lifetime", "396", "Events:ClientCertificate:Lifetime is '396'. Times are written")]
    [InlineData("Events:ClientCertificate:KeyFile", "/key.pem", "Events:ClientCertificate:KeyFile and Events:ClientCertificate:Password belong to a certificate of your own")]
    [InlineData("Notifications:Email:Encryption", "ssl", "Notifications:Email:Encryption is 'ssl'. It must be one of StartTls, Tls, None.")]
    [InlineData("Events:AllowPrivateTargets", "yes", "Events:AllowPrivateTargets is 'yes'. It must be true or false.")]
    public void A_value_that_cannot_be_read_is_refused_with_how_to_write_it(string key, string value, string message)
    {
        var settings = new ServerSettings { DataDirectory = "/nowhere", Urls = ServerSettings.DefaultUrl };

        Assert.StartsWith(message, Assert.Throws<SettingsException>(() => settings.Events(Configure(key, value), new ServerAddress(settings))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("00:10:00", 600)]
    [InlineData("0:10", 600)]
    [InlineData("00:00:00.5", 0.5)]
    public void Times_are_read_as_they_are_written(string value, double seconds)
    {
        var settings = new ServerSettings { DataDirectory = "/nowhere", Urls = ServerSettings.DefaultUrl };

        var options = settings.Events(Configure("Events:DeduplicationWindow", value), new ServerAddress(settings));

        Assert.Equal(TimeSpan.FromSeconds(seconds), options.DeduplicationWindow);
    }

    [Fact]
    public void A_setting_of_the_console_outside_its_range_is_refused_in_one_line_of_the_operators_words()
    {
        var settings = new ServerSettings { DataDirectory = "/nowhere", Urls = ServerSettings.DefaultUrl };

        Assert.Equal(
            "Console:LinkLifetime must be 00:01:00 to 30.00:00:00. It is 40.00:00:00.",
            Assert.Throws<SettingsException>(() => settings.Console(Configure("Console:LinkLifetime", "40.00:00:00"))).Message);
    }

    [Fact]
    public void A_file_of_settings_that_cannot_be_read_is_a_setting_that_cannot_be_used()
    {
        var folder = Directory.CreateTempSubdirectory("signalbox-test-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "signalbox.json"), "{ \"Events\": ");

            var refusal = Assert.Throws<SettingsException>(() => ServerSettings.Read(new ConfigurationBuilder(), folder.FullName));

            Assert.StartsWith($"'{folder.FullName}/signalbox.json' cannot be read: ", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_misspelt_section_is_refused_by_name()
    {
        var refusal = Assert.Throws<SettingsException>(() => ServerSettings.RefuseUnknownSections(Configure("Evnts:AllowPrivateTargets", "true")));

        Assert.StartsWith("'Evnts' is not a section", refusal.Message, StringComparison.Ordinal);
        ServerSettings.RefuseUnknownSections(Configure("events:AllowPrivateTargets", "true"));
    }

    [Fact]
    public void What_the_host_refuses_is_told_in_words_and_a_bug_is_not_hidden()
    {
        var broken = new InvalidDataException("Failed to load 'signalbox.json'.", new FormatException("Could not parse the JSON file."));

        Assert.Equal("Failed to load 'signalbox.json'. Could not parse the JSON file.", StartFault.Explain(broken));
        Assert.Null(StartFault.Explain(new InvalidOperationException("a bug")));
    }

    private static IConfiguration Configure(string key, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();

    private static SandboxOptions Defaults() => new() { WorkDirectory = "/nowhere" };
}
