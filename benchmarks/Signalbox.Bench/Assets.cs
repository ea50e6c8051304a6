namespace Signalbox.Bench;

internal static class Assets
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "assets", name);
}
