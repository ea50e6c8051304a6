using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Signalbox.Runtime.EventHandlers;

/// <summary>
/// A public RSA key that verifies signatures on many threads: RSA objects are not promised to be thread-safe, so
/// each verification borrows one.
/// </summary>
internal sealed class PublicKey
{
    private const int BitsMin = 2_048;
    private const int BitsMax = 8_192;

    private readonly RSAParameters _parameters;
    private readonly ConcurrentBag<RSA> _idle = [];

    private PublicKey(RSAParameters parameters) => _parameters = parameters;

    /// <summary>Reads a PEM (SPKI); null when it is none, or its size is out of 2048 to 8192 bits.</summary>
    public static PublicKey? TryParse(string pem)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return rsa.KeySize is >= BitsMin and <= BitsMax ? new PublicKey(rsa.ExportParameters(includePrivateParameters: false)) : null;
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>RSA, PKCS#1 v1.5, SHA-256.</summary>
    public bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!_idle.TryTake(out var rsa))
        {
            rsa = RSA.Create(_parameters);
        }

        try
        {
            return rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            Return(rsa);
        }
    }

    private void Return(RSA rsa)
    {
        if (_idle.Count < Environment.ProcessorCount * 2)
        {
            _idle.Add(rsa);
        }
        else
        {
            rsa.Dispose();
        }
    }
}
