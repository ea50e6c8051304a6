using Signalbox.Events;
using Signalbox.Events.Notifications;
using Signalbox.Identity;
using Signalbox.Identity.Users;
using Signalbox.Runtime;
using Signalbox.Sandbox;
using Signalbox.Storage;

namespace Signalbox.Server;

/// <summary>
/// Everything that can be set, from (later wins): <c>DIR/signalbox.json</c>, environment variables
/// (<c>SIGNALBOX__Section__Key</c>), the command line (<c>--Section:Key value</c>).
/// </summary>
internal sealed record ServerSettings
{
    private static readonly HashSet<string> _sections =
        new(["Storage", "Sandbox", "Runtime", "Events", "Notifications", "Identity", "Console", "Logging"], StringComparer.OrdinalIgnoreCase);

    public const string DefaultUrl = "http://localhost:3233";

    public required string DataDirectory { get; init; }

    /// <summary>What to listen on, separated by semicolons.</summary>
    public required string Urls { get; init; }

    /// <summary>The URL that clients reach this server by when it stands behind a proxy; null: the first of <see cref="Urls"/>.</summary>
    public Uri? PublicUrl { get; init; }

    public bool TestClock { get; init; }

    /// <summary><c>text</c> or <c>json</c>.</summary>
    public string LogFormat { get; init; } = "text";

    /// <summary>How long a stop may take to let running work end.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Where data lies when nobody says: <c>$SIGNALBOX_DATA</c>, else <c>~/.local/share/signalbox</c>.</summary>
    public static string DefaultDataDirectory =>
        Environment.GetEnvironmentVariable("SIGNALBOX_DATA") is { Length: > 0 } named
            ? named
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } local
                    ? local
                    : Path.GetTempPath(),
                "signalbox");

    /// <summary>Binds one section; an unknown key is an error that names it.</summary>
    public static T Bind<T>(IConfiguration configuration, string section, T defaults)
        where T : class
    {
        try
        {
            configuration.GetSection(section).Bind(defaults, options => options.ErrorOnUnknownConfiguration = true);
            return defaults;
        }
        catch (InvalidOperationException exception)
        {
            throw new SettingsException(Explain(section, exception));
        }
    }

    private static string Explain(string section, InvalidOperationException exception)
    {
        // The binder names the keys that no property has after its last colon, each in quotes.
        var unknown = exception.Message.Contains(nameof(BinderOptions.ErrorOnUnknownConfiguration), StringComparison.Ordinal)
            ? exception.Message[(exception.Message.LastIndexOf(':') + 1)..].Trim().Replace("'", "", StringComparison.Ordinal)
            : null;
        return unknown is null
            ? $"Configuration section '{section}': {exception.Message}"
            : $"Configuration section '{section}' has no '{unknown}'. docs/operating.md lists the settings.";
    }

    /// <summary>A misspelt section would be read by nobody.</summary>
    /// <exception cref="SettingsException">The configuration has a section that no room reads.</exception>
    public static void RefuseUnknownSections(IConfiguration configuration)
    {
        if (configuration.GetChildren().FirstOrDefault(section => !_sections.Contains(section.Key)) is { } unknown)
        {
            throw new SettingsException($"'{unknown.Key}' is not a section of the configuration. There are: {string.Join(", ", _sections)}.");
        }
    }

    public StorageOptions Storage(IConfiguration configuration) =>
        Bind(configuration, "Storage", new StorageOptions { DataDirectory = DataDirectory });

    public SandboxOptions Sandbox(IConfiguration configuration) =>
        Bind(configuration, "Sandbox", new SandboxOptions { WorkDirectory = Path.Combine(DataDirectory, "sandbox") });

    /// <exception cref="SettingsException">A range or the proxy is not what it must be.</exception>
    public EventsOptions Events(IConfiguration configuration, ServerAddress address)
    {
        var options = Bind(configuration, "Events", new EventsOptions { OwnPorts = () => address.Ports, PublicUrl = () => address.Public });
        try
        {
            EventsRoom.Validate(options, Notifications(configuration));
            return options;
        }
        catch (FormatException exception)
        {
            throw new SettingsException(exception.Message);
        }
    }

    public NotificationOptions Notifications(IConfiguration configuration) => Bind(configuration, "Notifications", new NotificationOptions());

    public IdentityOptions Identity(IConfiguration configuration) => Bind(configuration, "Identity", new IdentityOptions());

    public ConsoleOptions Console(IConfiguration configuration)
    {
        var options = Bind(configuration, "Console", new ConsoleOptions());
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException exception)
        {
            throw new SettingsException(exception.Message);
        }
    }

    public RuntimeOptions Runtime(IConfiguration configuration, ServerAddress address) =>
        Bind(configuration, "Runtime", new RuntimeOptions { ApiHost = () => address.Public, PublicKeyHost = () => address.Self });
}

/// <summary>A setting that cannot be used; the message says which and how to mend it.</summary>
internal sealed class SettingsException(string message) : Exception(message);
