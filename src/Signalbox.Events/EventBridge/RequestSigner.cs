using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;
using Signalbox.Events.Egress;

namespace Signalbox.Events.EventBridge;

/// <summary>
/// Signs requests to EventBridge (Signature Version 4) with the AWS SDK, and with the credentials that it finds unless
/// the settings name some. The SDK keeps temporary ones fresh.
/// </summary>
internal sealed class RequestSigner(EventBridgeOptions options) : IDisposable
{
    private const string Service = "events";

    private readonly Lazy<DefaultAWSCredentialsIdentityResolver> _found = new();

    /// <summary>Adds the headers of the signature to those of the request.</summary>
    /// <exception cref="Exception">There are no credentials; of which type it is depends on where the SDK looked for them.</exception>
    public async Task<OutgoingRequest> SignAsync(OutgoingRequest request, string region, CancellationToken cancellationToken)
    {
        var config = new Config { RegionEndpoint = RegionEndpoint.GetBySystemName(region) };
        var credentials = Configured() ?? await _found.Value.ResolveIdentityAsync(config, cancellationToken);
        var keys = await credentials.GetCredentialsAsync();
        using var signed = new DefaultRequest(new PutEventsRequest(), Service)
        {
            HttpMethod = request.Method.Method,
            Endpoint = new Uri(request.Url.GetLeftPart(UriPartial.Authority)),
            ResourcePath = request.Url.AbsolutePath,
            Content = request.Body.ToArray(),
            AuthenticationRegion = region,
            OverrideSigningServiceName = Service,
        };
        foreach (var (name, value) in request.Headers)
        {
            signed.Headers[name] = value;
        }

        signed.Headers["content-type"] = request.ContentType;
        if (keys.UseToken)
        {
            signed.Headers["x-amz-security-token"] = keys.Token;
        }

        var signature = new AWS4Signer().SignRequest(signed, config, new RequestMetrics(), keys.AccessKey, keys.SecretKey);
        return request with
        {
            Headers =
            [
                .. signed.Headers.Where(h => !IsOwn(h.Key)).Select(h => new KeyValuePair<string, string>(h.Key.ToLowerInvariant(), h.Value)),
            ],
            // Traces show that there was a signature, by its date, and not what it was.
            HiddenHeaders = [new("authorization", signature.ForAuthorizationHeader), .. keys.UseToken ? [new KeyValuePair<string, string>("x-amz-security-token", keys.Token)] : Array.Empty<KeyValuePair<string, string>>()],
        };
    }

    public void Dispose()
    {
        if (_found.IsValueCreated)
        {
            _found.Value.Dispose();
        }
    }

    private static bool IsOwn(string name) =>
        name.Equals("host", StringComparison.OrdinalIgnoreCase) || name.Equals("content-type", StringComparison.OrdinalIgnoreCase)
        || name.Equals("authorization", StringComparison.OrdinalIgnoreCase) || name.Equals("x-amz-security-token", StringComparison.OrdinalIgnoreCase);

    private AWSCredentials? Configured() => options is not { AccessKeyId: { Length: > 0 } id, SecretAccessKey: { Length: > 0 } secret } ? null
        : options.SessionToken is { Length: > 0 } token ? new SessionAWSCredentials(id, secret, token)
        : new BasicAWSCredentials(id, secret);

    private sealed class PutEventsRequest : AmazonWebServiceRequest;

    private sealed class Config() : ClientConfig(new Defaults())
    {
        public override string ServiceVersion => "2015-10-07";

        public override string UserAgent => "Signalbox";

        public override string RegionEndpointServiceName => Service;

        public override Amazon.Runtime.Endpoints.Endpoint DetermineServiceOperationEndpoint(
            Amazon.Runtime.Endpoints.ServiceOperationEndpointParameters parameters) => throw new NotSupportedException("The address is known already.");
    }

    private sealed class Defaults : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode = null) =>
            new DefaultConfiguration();
    }
}
