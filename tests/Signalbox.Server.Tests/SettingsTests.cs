using Microsoft.Extensions.Configuration;
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

        Assert.Contains("'Sandbox:TemporaryMb'", refusal.Message, StringComparison.Ordinal);
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
