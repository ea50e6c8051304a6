using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Signalbox.Storage;

/// <summary>Registers the storage room.</summary>
public static class StorageRoom
{
    /// <summary>
    /// Adds <see cref="Database"/>, held by this server alone, and <see cref="SecretProtector"/>. Needs a <see cref="TimeProvider"/>, logging and
    /// every room's <see cref="MigrationSet"/> in the container.
    /// </summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, StorageOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Database>(provider, true));
        services.AddSingleton<DatabaseWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseWatch>());
        services.AddSingleton<SecretProtector>();
        var keyRing = Directory.CreateDirectory(Path.Combine(options.DataDirectory, "keys"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(keyRing.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        services.AddDataProtection().SetApplicationName("Signalbox").PersistKeysToFileSystem(keyRing);
        return services;
    }
}
