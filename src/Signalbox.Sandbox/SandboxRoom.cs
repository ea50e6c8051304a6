using Microsoft.Extensions.DependencyInjection;

namespace Signalbox.Sandbox;

/// <summary>Registers the sandbox room.</summary>
public static class SandboxRoom
{
    /// <summary>
    /// Adds <see cref="SandboxPool"/>. Needs a <see cref="TimeProvider"/> and logging in the container. Resolve the pool
    /// at start: it then starts processes ahead while the rest of the server comes up.
    /// </summary>
    public static IServiceCollection AddSandbox(this IServiceCollection services, SandboxOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<SandboxPool>();
        return services;
    }
}
