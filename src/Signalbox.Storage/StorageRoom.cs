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
        services.AddSingleton<KeyRing>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Database>(provider, provider.GetRequiredService<KeyRing>()));
        services.AddSingleton<DatabaseWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseWatch>());
        services.AddSingleton<SecretProtector>();
        services.AddDataProtection().SetApplicationName("Signalbox").PersistKeysToFileSystem(new DirectoryInfo(KeyRing.FolderOf(options)));
        return services;
    }
}
