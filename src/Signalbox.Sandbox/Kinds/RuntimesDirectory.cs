namespace Signalbox.Sandbox.Kinds;

/// <summary>Where fetched interpreters lie when nobody says.</summary>
internal static class RuntimesDirectory
{
    /// <summary><c>$XDG_CACHE_HOME/signalbox/runtimes</c>, else the same below <c>~/.cache</c>, else below the temporary folder.</summary>
    public static string Default
    {
        get
        {
            var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (string.IsNullOrEmpty(cache))
            {
                var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
                cache = home.Length > 0 ? Path.Combine(home, ".cache") : Path.Combine(Path.GetTempPath(), $"signalbox-{Environment.UserName}");
            }

            return Path.Combine(cache, "signalbox", "runtimes");
        }
    }
}
