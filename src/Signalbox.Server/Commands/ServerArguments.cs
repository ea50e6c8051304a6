using System.CommandLine;
using System.Text.RegularExpressions;

namespace Signalbox.Server.Commands;

/// <summary>The options that every command which starts a server takes.</summary>
internal sealed partial class ServerArguments
{
    private readonly Option<string> _data;

    // What begins with -- and is no option counts as an argument.
    private readonly Argument<string[]> _settings = new("--SECTION:KEY VALUE")
    {
        Description = "Any other setting by its key, such as --Events:JournalRetention 14.00:00:00; docs/operating.md lists them",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public ServerArguments(string dataDescription)
    {
        _data = new Option<string>("--data") { Description = dataDescription, HelpName = "DIR" };
    }

    private Option<string> Urls { get; } = new("--urls") { Description = $"What to listen on. Default {ServerSettings.DefaultUrl}", HelpName = "URL" };

    private Option<string> PublicUrl { get; } = new("--public-url") { Description = "The URL that clients use, when it is another (behind a proxy)", HelpName = "URL" };

    private Option<bool> TestClock { get; } = new("--test-clock") { Description = "Let tests move the server's clock (loopback only): POST /test/clock/advance" };

    private Option<bool> AllowPrivateTargets { get; } = new("--allow-private-targets") { Description = "Let webhooks use http and private or loopback addresses (development)" };

    private Option<string[]> AllowTarget { get; } = new("--allow-target")
    {
        Description = "A range of addresses that webhooks may be in although it is not public; can be repeated",
        HelpName = "CIDR",
    };

    private Option<string> Network { get; } = new("--network") { Description = "What actions reach: internet (default: public addresses only), none, or host (development)", HelpName = "internet|none|host" };

    private Option<string> Sandbox { get; } = new("--sandbox") { Description = "How actions are closed off: bubblewrap (default) or none (development)", HelpName = "bubblewrap|none" };

    private Option<bool> AllowInspect { get; } = new("--allow-inspect") { Description = "Let the owner of a namespace attach a debugger to its actions: 'signalbox dev --inspect' (development)" };

    private Option<string> LogFormat { get; } = new("--log-format") { Description = "text (default) or json", HelpName = "text|json" };

    public void AddTo(Command command)
    {
        LogFormat.AcceptOnlyFromAmong("text", "json");
        Network.AcceptOnlyFromAmong("internet", "none", "host");
        Sandbox.AcceptOnlyFromAmong("bubblewrap", "none");
        foreach (var option in new Option[] { _data, Urls, PublicUrl, TestClock, AllowPrivateTargets, AllowTarget, Network, Sandbox, AllowInspect, LogFormat })
        {
            command.Add(option);
        }

        command.Add(_settings);
    }

    public string? Data(ParseResult parsed) => parsed.GetValue(_data);

    public bool HasUrls(ParseResult parsed) => parsed.GetValue(Urls) is not null;

    public ServerSettings Settings(ParseResult parsed, string defaultData, string defaultUrls)
    {
        var settings = new ServerSettings
        {
            DataDirectory = parsed.GetValue(_data) ?? defaultData,
            Urls = parsed.GetValue(Urls) ?? defaultUrls,
            PublicUrl = ParsePublicUrl(parsed.GetValue(PublicUrl)),
            TestClock = parsed.GetValue(TestClock),
            LogFormat = parsed.GetValue(LogFormat) ?? "text",
        };
        foreach (var url in settings.Urls.Split(';'))
        {
            if (!UrlShape.IsMatch(url) || !Uri.TryCreate(url.Replace("*", "any", StringComparison.Ordinal).Replace("+", "any", StringComparison.Ordinal), UriKind.Absolute, out _))
            {
                throw new SettingsException($"--urls: '{url}' is not a URL to listen on, such as {ServerSettings.DefaultUrl}.");
            }
        }

        if (settings.TestClock && !ServerAddress.IsLoopbackOnly(settings.Urls))
        {
            throw new SettingsException($"--test-clock needs loopback URLs; '{settings.Urls}' would let others move the clock.");
        }

        return settings;
    }

    private static Uri? ParsePublicUrl(string? text) =>
        text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
        : throw new SettingsException($"--public-url: '{text}' is not an http or https URL, such as https://signalbox.example.com.");

    /// <summary>The settings given by key, with the named options put in their words.</summary>
    public IReadOnlyList<string> Configuration(ParseResult parsed)
    {
        var arguments = new List<string>();
        if (parsed.GetValue(AllowPrivateTargets))
        {
            arguments.AddRange(["--Events:AllowPrivateTargets", "true"]);
        }

        var ranges = parsed.GetValue(AllowTarget) ?? [];
        for (var i = 0; i < ranges.Length; i++)
        {
            arguments.AddRange([$"--Events:AllowTargets:{i}", ranges[i]]);
        }

        if (parsed.GetValue(Network) is { } network)
        {
            arguments.AddRange(["--Sandbox:Network", network]);
        }

        if (parsed.GetValue(Sandbox) is { } sandbox)
        {
            arguments.AddRange(["--Sandbox:Isolation", sandbox]);
        }

        if (parsed.GetValue(AllowInspect))
        {
            arguments.AddRange(["--Sandbox:AllowInspect", "true"]);
        }

        var tokens = parsed.GetValue(_settings) ?? [];
        for (var i = 0; i < tokens.Length; i++)
        {
            if (!KeyShape.IsMatch(tokens[i]))
            {
                throw new SettingsException($"'{tokens[i]}' is not an option. Settings are given as --Section:Key value; see docs/operating.md.");
            }

            if (!tokens[i].Contains('=', StringComparison.Ordinal))
            {
                if (i + 1 == tokens.Length)
                {
                    throw new SettingsException($"'{tokens[i]}' has no value.");
                }

                arguments.Add(tokens[i++]);
            }

            arguments.Add(tokens[i]);
        }

        return arguments;
    }

    [GeneratedRegex(@"^https?://[^/\s:]+(:\d+)?/?$|^https?://\[[0-9a-fA-F:]+\](:\d+)?/?$")]
    private static partial Regex UrlShape { get; }

    [GeneratedRegex("^--(Storage|Sandbox|Runtime|Events|Notifications|Identity|Console|Logging):[A-Za-z0-9:.]+(=.*)?$")]
    private static partial Regex KeyShape { get; }
}
