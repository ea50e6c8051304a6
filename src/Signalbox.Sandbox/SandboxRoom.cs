using Microsoft.Extensions.DependencyInjection;

namespace Signalbox.Sandbox;

/// <summary>Registers the sandbox room.</summary>
public static class SandboxRoom
{
    public static IServiceCollection AddSandbox(this IServiceCollection services, SandboxOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<SandboxPool>();
        return services;
    }
}
