using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Signalbox.Events.Signing;

/// <summary>
/// Signs payloads with both RSA keys, each payload once: retries and other registrations of the same client find the
/// signatures in a bounded cache.
/// </summary>
/// <remarks>
/// Two RSA-2048 signatures take about half a millisecond of a core: they bound what the server can deliver. They run
/// on threads of their own, one for each core, so that requests never wait behind them for a thread, and each
/// thread has its own key objects, which do not contend for OpenSSL's locks.
/// </remarks>
internal sealed class Signer(SigningKeys keys) : IDisposable
{
    private const int CachedMax = 4_096;

    private readonly ConcurrentDictionary<SignatureName, Task<PayloadSignatures>> _cache = new();
    private readonly ConcurrentQueue<SignatureName> _cached = new();
    private readonly BlockingCollection<Work> _work = [];
    private readonly Lock _starting = new();
    private Thread[]? _threads;

    /// <summary>The signatures of a payload; made now, or earlier for the same name.</summary>
    /// <param name="name">Names the bytes: the same name always stands for the same payload.</param>
    /// <param name="payload">The exact bytes that are sent.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<PayloadSignatures> SignAsync(SignatureName name, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (_cache.TryGetValue(name, out var cached))
        {
            return await cached.WaitAsync(cancellationToken);
        }

        var pair = await keys.GetAsync(cancellationToken);
        EnsureStarted(pair);
        var work = new Work(payload);
        var signed = _cache.GetOrAdd(name, work.Done.Task);
        if (signed == work.Done.Task)
        {
            _work.Add(work, CancellationToken.None);
            Remember(name);
        }

        return await signed.WaitAsync(cancellationToken);
    }

    /// <summary>The value of <c>x-adobe-signature</c> (events behaviour, section 9.1).</summary>
    public static string SignWithSecret(string clientSecret, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(System.Text.Encoding.UTF8.GetBytes(clientSecret), body, hash);
        return Convert.ToBase64String(hash);
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        foreach (var thread in _threads ?? [])
        {
            thread.Join();
        }

        _work.Dispose();
    }

    private void Remember(SignatureName name)
    {
        _cached.Enqueue(name);
        while (_cached.Count > CachedMax && _cached.TryDequeue(out var oldest))
        {
            _cache.TryRemove(oldest, out _);
        }
    }

    private void EnsureStarted(IReadOnlyList<SigningKey> pair)
    {
        if (_threads is not null)
        {
            return;
        }

        lock (_starting)
        {
            _threads ??=
            [
                .. Enumerable.Range(1, Environment.ProcessorCount).Select(number =>
                {
                    var thread = new Thread(() => Run(pair[0], pair[1])) { IsBackground = true, Name = $"signer-{number}" };
                    thread.Start();
                    return thread;
                }),
            ];
        }
    }

    private void Run(SigningKey key1, SigningKey key2)
    {
        using var rsa1 = RSA.Create();
        using var rsa2 = RSA.Create();
        rsa1.ImportFromPem(key1.PrivateKey);
        rsa2.ImportFromPem(key2.PrivateKey);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> signature = stackalloc byte[256];
        foreach (var work in _work.GetConsumingEnumerable())
        {
            SHA256.HashData(work.Payload.Span, hash);
            work.Done.SetResult(new PayloadSignatures
            {
                Signature1 = Sign(rsa1, hash, signature),
                Signature2 = Sign(rsa2, hash, signature),
                KeyPath1 = key1.Path,
                KeyPath2 = key2.Path,
            });
        }
    }

    private static string Sign(RSA rsa, ReadOnlySpan<byte> hash, Span<byte> signature)
    {
        rsa.TrySignHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, out var length);
        return Convert.ToBase64String(signature[..length]);
    }

    private sealed class Work(ReadOnlyMemory<byte> payload)
    {
        public ReadOnlyMemory<byte> Payload { get; } = payload;

        public TaskCompletionSource<PayloadSignatures> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
