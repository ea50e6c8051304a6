namespace Signalbox.EndToEnd.Tests;

/// <summary>Where the parts stand that the tests run.</summary>
internal static class Repository
{
    /// <summary>The folder that holds <c>Signalbox.slnx</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The server's assembly, built in the same configuration as these tests.</summary>
    public static string ServerAssembly { get; } = Path.Combine(
        Root, "src", "Signalbox.Server", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "signalbox.dll");

    /// <summary>The folder of the Node.js clients and of the scripts that drive them.</summary>
    public static string Clients { get; } = Path.Combine(Root, "tests", "Signalbox.EndToEnd.Tests", "clients");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Signalbox.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No Signalbox.slnx in or above {AppContext.BaseDirectory}");
        }

        return folder.FullName;
    }
}
