using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Signalbox.Identity;
using Signalbox.Identity.Provisioning;
using Signalbox.Sandbox;
using Signalbox.Storage;

namespace Signalbox.Runtime.Tests;

/// <summary>Nothing stands in: the identity room's namespace, and Node.js in a process.</summary>
public sealed class RealPartsTests
{
    [Fact]
    public async Task An_action_of_a_provisioned_namespace_runs_in_nodejs_and_leaves_its_logs()
    {
        var folder = Directory.CreateTempSubdirectory("signalbox-real-").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddStorage(new StorageOptions { DataDirectory = folder });
        builder.Services.AddIdentity();
        builder.Services.AddSandbox(new SandboxOptions
        {
            WorkDirectory = Path.Combine(folder, "sandbox"),
            Isolation = SandboxIsolation.None,
            PrestartedProcesses = 0,
        });
        builder.Services.AddRuntime(new RuntimeOptions
        {
            ApiHost = () => new Uri("http://127.0.0.1"),
            PublicKeyHost = () => new Uri("http://127.0.0.1:9"),
        });
        await using (var application = builder.Build())
        {
            application.MapRuntime();
            await application.StartAsync();
            var workspace = await application.Services.GetRequiredService<IdentityProvisioning>().EnsureFirstWorkspaceAsync(null, default);
            using var client = new HttpClient
            {
                BaseAddress = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
                DefaultRequestHeaders =
                {
                    Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(
                        Encoding.UTF8.GetBytes($"{workspace.Namespace.Uuid}:{workspace.Namespace.Key}"))),
                },
            };
            await client.CreateActionAsync("hello", "function main(p) { console.log('hi ' + p.name); return { greeting: 'hello ' + p.name }; }");

            var record = await (await client.PostJsonAsync("actions/hello?blocking=true", """{"name":"Bob"}""")).ReadAsync(200);

            Assert.Equal("""{"greeting":"hello Bob"}""", record.GetProperty("response").GetProperty("result").GetRawText());
            var id = record.GetProperty("activationId").GetString();
            var logs = await (await client.GetPathAsync($"activations/{id}/logs")).ReadAsync(200);
            Assert.Collection(
                logs.GetProperty("logs").EnumerateArray().Select(line => line.GetString()!),
                warning => Assert.EndsWith("runs actions without isolation (--sandbox none), for development only.", warning, StringComparison.Ordinal),
                line => Assert.EndsWith("stdout: hi Bob", line, StringComparison.Ordinal));
            await application.StopAsync();
        }

        Directory.Delete(folder, recursive: true);
    }
}
