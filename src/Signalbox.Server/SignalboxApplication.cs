using System.Data.Common;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Logging.Console;
using Signalbox.WebConsole;
using Signalbox.WebConsole.Operations;
using Signalbox.Events;
using Signalbox.Events.Registrations;
using Signalbox.Events.Stories;
using Signalbox.Identity;
using Signalbox.Runtime;
using Signalbox.Sandbox;
using Signalbox.Server.Administration;
using Signalbox.Server.Clock;
using Signalbox.Server.ConsoleAccess;
using Signalbox.Server.Errors;
using Signalbox.Server.Health;
using Signalbox.Server.Joints;
using Signalbox.Server.Outages;
using Signalbox.Server.Telemetry;
using Signalbox.Sockets.Http;
using Signalbox.Storage;
using Signalbox.Storage.Faults;

namespace Signalbox.Server;

/// <summary>The composition root: which rooms there are, and the way of a request into them.</summary>
internal static class SignalboxApplication
{
    /// <summary>The runtime room's largest body (OpenWhisk behaviour, section 0); each room refuses less where it must.</summary>
    private const long RequestBytesMax = 50L << 20;

    /// <param name="replace">Changes the services before they are built; for tests.</param>
    public static WebApplication Build(
        ServerSettings settings, DataDirectory data, IReadOnlyList<string> configurationArguments, Action<IServiceCollection>? replace = null)
    {
        ArmFailpoints();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "signalbox", ContentRootPath = AppContext.BaseDirectory });
        Configure(builder.Configuration, settings, configurationArguments);
        builder.WebHost.UseKestrelHttpsConfiguration();
        // The console's files lie with their projects until the server is published, and are sent the same way: compressed
        // when they were built, where the framework would wrap them anew, uncompressed, for each request.
        builder.WebHost.UseStaticWebAssets();
        builder.Configuration["ReloadStaticAssetsAtRuntime"] ??= "false";
        // No request blocks for long (databases and signatures have threads of their own), so the hop is not worth it.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        if (!settings.Urls.Contains("https:", StringComparison.OrdinalIgnoreCase))
        {
            LoopTransport.AddTo(builder.Services);
        }

        builder.WebHost.UseUrls([.. settings.Urls.Split(';'), ApiRelay.Url]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBytesMax;
            kestrel.Limits.MaxRequestLineSize = 16 * 1024;
            var relay = new RelayConnections(
                () => kestrel.ApplicationServices.GetRequiredService<ServerAddress>().RelayPort,
                RelayConnections.ConnectionsMax,
                kestrel.ApplicationServices.GetRequiredService<ILogger<RelayConnections>>());
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(relay.Bound));
        });
        var services = builder.Services;
        var start = new StartPhase();
        services.AddSingleton(start);
        AddLogging(builder.Logging, builder.Configuration, settings, start);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.DrainTimeout);
        services.Configure<JsonOptions>(json => json.SerializerOptions.AllowDuplicateProperties = false);
        services.AddSingleton(settings);
        services.AddSingleton(data);
        var address = new ServerAddress(settings);
        services.AddSingleton(address);
        services.AddSingleton<AdminAccess>();
        services.AddSingleton<ConsoleLink>();
        AddClock(services, settings, data);
        services.AddExceptionHandler<UnhandledErrors>();
        services.AddProblemDetails();
        services.AddHealthChecks().AddCheck<StartHealth>("start").AddCheck<StorageHealth>("storage").AddCheck<SandboxHealth>("sandbox");
        services.AddTelemetry();

        services.AddStorage(settings.Storage(builder.Configuration));
        services.AddSingleton<StorageOutage>();
        services.AddHostedService<StorageOutageWatch>();
        services.AddSingleton(settings.Identity(builder.Configuration));
        services.AddIdentity();
        services.AddSandbox(settings.Sandbox(builder.Configuration));
        var events = settings.Events(builder.Configuration, address);
        SandboxPool? sandbox = null;
        var runtime = settings.Runtime(builder.Configuration, address);
        services.AddRuntime(runtime with
        {
            ApiHost = () => sandbox?.ApiUrl ?? address.Public,
        });
        // Events without a version are a habit of the hosted service's clients.
        services.AddEvents(
            events with { NodeName = data.NodeName, SpecVersionRequired = events.SpecVersionRequired ?? runtime.Profile != RuntimeProfile.Adobe },
            settings.Notifications(builder.Configuration));
        services.AddConsole(settings.Console(builder.Configuration), settings.PublicUrl);
        services.AddSingleton<IServerReporter, ServerReporter>();
        services.AddSingleton<IRuntimeHandlers, RuntimeHandlers>();
        services.AddSingleton<IActivationFinder, ActivationFinder>();

        replace?.Invoke(services);
        var app = builder.Build();
        address.Server = app.Services.GetRequiredService<IServer>();
        sandbox = app.Services.GetRequiredService<SandboxPool>();
        MapPipeline(app);
        return app;
    }

    /// <summary>Starts listening; a port that is taken is an error that says so. False when it was told to stop before it was up.</summary>
    public static async Task<bool> StartAsync(WebApplication app, ServerSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await StartOrStopAsync(app, cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is SocketException || exception.InnerException?.InnerException is SocketException)
        {
            throw CannotListen(settings, exception.InnerException.Message);
        }
        catch (SocketException exception)
        {
            throw CannotListen(settings, exception.Message);
        }
        catch (DbException exception) when (StorageFault.IsDamage(exception))
        {
            throw new InvalidDataException(StorageFault.ExplainDamage(app.Services.GetRequiredService<StorageOptions>()), exception);
        }
        catch (InvalidOperationException exception) when (settings.Urls.Contains("https:", StringComparison.OrdinalIgnoreCase))
        {
            // The web server's own advice ("dotnet dev-certs") is for developers.
            throw new SettingsException(
                $"Cannot listen on {settings.Urls}: https needs a certificate. {exception.Message.Split('\n')[0].Trim()} Listen on http behind a proxy with TLS instead.");
        }
    }

    /// <summary>What began to listen is stopped when the start fails, before its services are taken from the requests that came.</summary>
    private static async Task<bool> StartOrStopAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var isStarted = false;
        var start = app.Services.GetRequiredService<StartPhase>();
        start.BeganAt = app.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        try
        {
            var admin = app.Services.GetRequiredService<AdminAccess>();
            await admin.EnsureTokenAsync(cancellationToken);
            await FirstStart.EnsureAsync(app.Services, cancellationToken);
            await app.StartAsync(cancellationToken);
            await app.Services.GetRequiredService<ConsoleLink>().EnsureAsync(cancellationToken);
            await admin.TellUrlAsync(app.Services.GetRequiredService<ServerAddress>().Self, cancellationToken);
            app.Services.GetRequiredService<SandboxPool>().AllowApi(app.Services.GetRequiredService<ServerAddress>().RelayPort);
            start.IsOver = true;
            isStarted = true;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // A signal came; that is no fault.
        }
        finally
        {
            if (!isStarted)
            {
                await app.StopAsync(CancellationToken.None);
            }
        }

        return isStarted;
    }

    private static void ArmFailpoints()
    {
        try
        {
            Failpoints.Arm(Environment.GetEnvironmentVariable(Failpoints.Variable));
        }
        catch (FormatException exception)
        {
            throw new SettingsException(exception.Message);
        }
    }

    private static SettingsException CannotListen(ServerSettings settings, string reason) =>
        new($"Cannot listen on {settings.Urls}: {reason.TrimEnd('.')}. Choose another with --urls URL.");

    private static void Configure(ConfigurationManager configuration, ServerSettings settings, IReadOnlyList<string> arguments)
    {
        configuration.Sources.Clear();
        ServerSettings.Read(configuration, settings.DataDirectory);
        configuration.AddCommandLine([.. arguments]);
        ServerSettings.RefuseUnknownSections(configuration);
        ServerSettings.RefuseKeysOfDataDirectory(configuration);
        ServerSettings.RefuseUnknownLogLevels(configuration);
    }

    private static void AddLogging(ILoggingBuilder logging, IConfiguration configuration, ServerSettings settings, StartPhase start)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        // The lifetime's own messages; the banner says the same in fewer words.
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        // A start that fails is told once, in words; the host would add its stack traces.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => start.IsOver && level >= LogLevel.Warning);
        // Whoever asks for /health/ready meanwhile is told that the start is under way; it is no fault.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", level => start.IsOver && level >= LogLevel.Warning);
        // "No XML encryptor configured": the key ring's folder is mode 0700 instead, as docs/operating.md says.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // For its log alone it would begin a trace for each request, which nobody reads; an exporter of traces has them begun anyway.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // UnhandledErrors logs the same exception with the id that the client was given.
        logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);
        logging.AddConfiguration(configuration.GetSection("Logging"));
        if (settings.LogFormat == "json")
        {
            logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            });
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            });
        }

        logging.Services.Remove(logging.Services.Single(service => service.ImplementationType == typeof(ConsoleLoggerProvider)));
        logging.Services.AddSingleton<ConsoleLoggerProvider>();
        logging.Services.AddSingleton<ILoggerProvider>(
            provider => new OutageLoggerProvider(provider.GetRequiredService<ConsoleLoggerProvider>(), provider.GetRequiredService<StorageOutage>()));
    }

    private static void AddClock(IServiceCollection services, ServerSettings settings, DataDirectory data)
    {
        if (!settings.TestClock)
        {
            services.AddSingleton(TimeProvider.System);
            return;
        }

        var clock = new TestClock(Path.Combine(data.FullPath, "test-clock"));
        services.AddSingleton(clock);
        services.AddSingleton<TimeProvider>(clock);
    }

    private static void MapPipeline(WebApplication app)
    {
        app.UsePoolThread(unless: RuntimeRoom.IsInvocation);
        // Debuggers alone upgrade; an invocation is short enough to feel each layer above it.
        app.UseWhen(context => context.Request.Headers.Upgrade.Count > 0, upgrading => upgrading.UseWebSockets());
        app.UseRuntime();
        app.UseRequestIds();
        app.UseExceptionHandler();
        app.UseApiRelay();
        app.UseConsole();
        app.UseStatusCodePages(context => UnhandledErrors.ExplainStatusAsync(context.HttpContext));
        // Named here because it would stand first otherwise.
        app.UseRouting();
        app.MapHealth();
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapTestClock();
        app.MapIdentity();
        app.MapRuntime();
        app.MapEvents();
        app.MapAdministration();
    }
}
