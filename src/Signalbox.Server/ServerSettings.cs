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

    /// <summary>What the options of the rooms have and the data directory decides: a database elsewhere would not be under its lock.</summary>
    private static readonly string[] _keysOfDataDirectory = ["Storage:DataDirectory", "Sandbox:WorkDirectory", "Events:NodeName"];

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
        SettingValues.Check(configuration.GetSection(section), typeof(T));
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

    /// <summary>What the operator has written down, the file <c>signalbox.json</c> of the data directory first.</summary>
    /// <exception cref="SettingsException">The file cannot be read.</exception>
    public static void Read(IConfigurationBuilder configuration, string dataDirectory)
    {
        var file = Path.Combine(Path.GetFullPath(dataDirectory), "signalbox.json");
        try
        {
            configuration.AddJsonFile(file, optional: true);
            configuration.AddEnvironmentVariables("SIGNALBOX__");

            // A builder that is no manager reads nothing before it is built.
            _ = configuration.Build();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"'{file}' cannot be read: {StartFault.Explain(exception)}");
        }
    }

    private static string Explain(string section, InvalidOperationException exception)
    {
        // What cannot be made of an entry of a list is told by the inner exception.
        if (exception.InnerException is InvalidOperationException inner)
        {
            return Explain(section, inner);
        }

        // The binder names the keys that no property has after its last colon, each in quotes.
        var unknown = exception.Message.Contains(nameof(BinderOptions.ErrorOnUnknownConfiguration), StringComparison.Ordinal)
            ? exception.Message[(exception.Message.LastIndexOf(':') + 1)..].Trim().Replace("'", "", StringComparison.Ordinal)
            : null;
        return unknown is null
            ? $"Configuration section '{section}': {exception.Message}"
            : $"Configuration section '{section}' has no '{unknown}'. docs/operating.md lists the settings.";
    }

    private static T Check<T>(T options, Action<T> validate)
    {
        try
        {
            validate(options);
            return options;
        }
        catch (FormatException exception)
        {
            throw new SettingsException(exception.Message);
        }
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

    /// <exception cref="SettingsException">The configuration sets what follows from the data directory.</exception>
    public static void RefuseKeysOfDataDirectory(IConfiguration configuration)
    {
        if (_keysOfDataDirectory.FirstOrDefault(key => configuration[key] is not null) is { } key)
        {
            throw new SettingsException($"{key} cannot be set: it follows from the data directory. Name that with --data DIR.");
        }
    }

    /// <summary>The logging itself would name a misspelt level only in a stack trace.</summary>
    /// <exception cref="SettingsException">A level of the log is none.</exception>
    public static void RefuseUnknownLogLevels(IConfiguration configuration)
    {
        foreach (var level in configuration.GetSection("Logging:LogLevel").GetChildren())
        {
            if (!Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _))
            {
                throw new SettingsException($"{level.Path} is '{level.Value}'. It must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
            }
        }
    }

    /// <exception cref="SettingsException">A number is outside its range, or the connection string cannot be read.</exception>
    public StorageOptions Storage(IConfiguration configuration) =>
        Check(Bind(configuration, "Storage", new StorageOptions { DataDirectory = DataDirectory }), options => options.Validate());

    /// <exception cref="SettingsException">A number or a time is outside its range.</exception>
    public SandboxOptions Sandbox(IConfiguration configuration) =>
        Check(
            Bind(configuration, "Sandbox", new SandboxOptions { WorkDirectory = Path.Combine(DataDirectory, "sandbox") }),
            options => options.Validate());

    /// <exception cref="SettingsException">A range or the proxy is not what it must be.</exception>
    public EventsOptions Events(IConfiguration configuration, ServerAddress address) =>
        Check(
            Bind(configuration, "Events", new EventsOptions { OwnPorts = () => address.Ports, PublicUrl = () => address.Public }),
            options => EventsRoom.Validate(options, Notifications(configuration)));

    public NotificationOptions Notifications(IConfiguration configuration) => Bind(configuration, "Notifications", new NotificationOptions());

    /// <exception cref="SettingsException">A number or a time is outside its range.</exception>
    public IdentityOptions Identity(IConfiguration configuration) =>
        Check(Bind(configuration, "Identity", new IdentityOptions()), options => options.Validate());

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
            // The framework adds the name of a parameter, which is none of the operator's words, and the value on a line of its own.
            var text = exception.Message.Split(" (Parameter '")[0];
            throw new SettingsException(exception is ArgumentOutOfRangeException { ActualValue: { } value } ? $"{text} It is {value}." : text);
        }
    }

    /// <exception cref="SettingsException">A number or a time is outside its range.</exception>
    public RuntimeOptions Runtime(IConfiguration configuration, ServerAddress address) =>
        Check(
            Bind(configuration, "Runtime", new RuntimeOptions { ApiHost = () => address.Public, PublicKeyHost = () => address.Self }),
            options => options.Validate());
}

/// <summary>A setting that cannot be used; the message says which and how to mend it.</summary>
internal sealed class SettingsException(string message) : Exception(message);
