namespace Signalbox.Sandbox.Tests.Kinds;

/// <summary>What a compiled action looks like: this assembly is sent as one.</summary>
public static class DotnetSample
{
    public static Dictionary<string, int> Add(Dictionary<string, int> args) => new() { ["sum"] = args.Values.Sum() };
}
