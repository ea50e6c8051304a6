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

    /// <summary>Key objects that one thread holds.</summary>
    private const int LoadedKeysMax = 8;

    private readonly ConcurrentDictionary<SignatureName, Task<PayloadSignatures>> _cache = new();
    private readonly ConcurrentQueue<SignatureName> _cached = new();
    private readonly BlockingCollection<Work> _work = [];
    private readonly Lock _starting = new();
    private Thread[]? _threads;

    /// <summary>The signatures of a payload; made now, or earlier for the same name.</summary>
    /// <param name="name">Names the bytes: the same name always stands for the same payload.</param>
    /// <param name="acceptedAt">When the event was accepted: the keys of that time sign it, now and on every retry and replay.</param>
    /// <param name="payload">The exact bytes that are sent.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<PayloadSignatures> SignAsync(
        SignatureName name, DateTimeOffset acceptedAt, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (_cache.TryGetValue(name, out var cached))
        {
            return await cached.WaitAsync(cancellationToken);
        }

        var (key1, key2) = (await keys.GetAsync(cancellationToken)).At(acceptedAt);
        EnsureStarted();
        var work = new Work(key1, key2, payload);
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

    private void EnsureStarted()
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
                    var thread = new Thread(Run) { IsBackground = true, Name = $"signer-{number}" };
                    thread.Start();
                    return thread;
                }),
            ];
        }
    }

    private void Run()
    {
        var loaded = new Dictionary<Guid, RSA>();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> signature = stackalloc byte[256];
        foreach (var work in _work.GetConsumingEnumerable())
        {
            SHA256.HashData(work.Payload.Span, hash);
            work.Done.SetResult(new PayloadSignatures
            {
                Signature1 = Sign(Load(loaded, work.Key1), hash, signature),
                Signature2 = Sign(Load(loaded, work.Key2), hash, signature),
                KeyPath1 = work.Key1.Path,
                KeyPath2 = work.Key2.Path,
            });
        }

        Unload(loaded);
    }

    /// <summary>This thread's own key object. Two are in use; a few more serve retries from before a rotation.</summary>
    private static RSA Load(Dictionary<Guid, RSA> loaded, SigningKey key)
    {
        if (loaded.TryGetValue(key.Id, out var known))
        {
            return known;
        }

        if (loaded.Count == LoadedKeysMax)
        {
            Unload(loaded);
        }

        var rsa = RSA.Create();
        rsa.ImportFromPem(key.PrivateKey);
        loaded.Add(key.Id, rsa);
        return rsa;
    }

    private static void Unload(Dictionary<Guid, RSA> loaded)
    {
        foreach (var rsa in loaded.Values)
        {
            rsa.Dispose();
        }

        loaded.Clear();
    }

    private static string Sign(RSA rsa, ReadOnlySpan<byte> hash, Span<byte> signature)
    {
        rsa.TrySignHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, out var length);
        return Convert.ToBase64String(signature[..length]);
    }

    private sealed class Work(SigningKey key1, SigningKey key2, ReadOnlyMemory<byte> payload)
    {
        public SigningKey Key1 { get; } = key1;

        public SigningKey Key2 { get; } = key2;

        public ReadOnlyMemory<byte> Payload { get; } = payload;

        public TaskCompletionSource<PayloadSignatures> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
