using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events.Signing;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Identity;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Signing;

public sealed class KeyRotationTests
{
    private static readonly byte[] _payload = Encoding.UTF8.GetBytes("""{"n":1.50}""");

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_rotation_replaces_one_key_and_keeps_the_other(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        using var keys = Keys(test);
        var before = (await keys.GetAsync(default)).Current;
        test.Clock.Advance(TimeSpan.FromDays(1));

        var rotated = Assert.IsType<KeyRotationOutcome.Rotated>(await new KeyRotation(keys, test.Clock).RotateAsync(2, force: false, default));

        using var afterRestart = Keys(test);
        foreach (var ring in (SigningKeyRing[])[await keys.GetAsync(default), await afterRestart.GetAsync(default)])
        {
            Assert.Equal(before.Key1.Id, ring.Current.Key1.Id);
            Assert.Equal(rotated.Current.Id, ring.Current.Key2.Id);
            Assert.NotEqual(before.Key2.Id, ring.Current.Key2.Id);
        }

        Assert.Equal(before.Key2.PublicKey, await afterRestart.FindPublicKeyAsync(before.Key2.Id, default));
    }

    [Fact]
    public async Task A_payload_keeps_its_signatures_and_paths_on_retry_and_replay_also_after_a_restart()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var keys = Keys(test);
        var acceptedAt = test.Clock.GetUtcNow().AddMinutes(1);
        var name = new SignatureName(Guid.NewGuid(), new ClientId("client"), IsBatch: false);
        using var signer = new Signer(keys);
        var first = await signer.SignAsync(name, acceptedAt, _payload, default);
        test.Clock.Advance(TimeSpan.FromDays(1));
        var rotation = new KeyRotation(keys, test.Clock);
        await rotation.RotateAsync(1, force: true, default);
        await rotation.RotateAsync(2, force: true, default);

        using var keysAfterRestart = Keys(test);
        using var signerAfterRestart = new Signer(keysAfterRestart);
        var retried = await signerAfterRestart.SignAsync(name, acceptedAt, _payload, default);
        var fresh = await signerAfterRestart.SignAsync(name with { PayloadId = Guid.NewGuid() }, test.Clock.GetUtcNow().AddSeconds(1), _payload, default);

        Assert.Equal(first, retried);
        Assert.NotEqual(first.KeyPath1, fresh.KeyPath1);
        Assert.NotEqual(first.KeyPath2, fresh.KeyPath2);
        foreach (var (signature, path) in (IEnumerable<(string, string)>)[(retried.Signature1, retried.KeyPath1), (fresh.Signature2, fresh.KeyPath2)])
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(await keys.FindPublicKeyAsync(Guid.Parse(path["/prod/keys/pub-key-".Length..^".pem".Length]), default));
            Assert.True(rsa.VerifyData(_payload, Convert.FromBase64String(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }
    }

    [Fact]
    public async Task What_is_accepted_until_a_rotation_is_signed_by_the_key_before_it()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var keys = Keys(test);
        var acceptedAt = test.Clock.GetUtcNow();
        var first = (await keys.GetAsync(default)).At(acceptedAt).Key1.Id;

        await new KeyRotation(keys, test.Clock).RotateAsync(1, force: false, default);

        Assert.Equal(first, (await keys.GetAsync(default)).At(acceptedAt).Key1.Id);
    }

    [Fact]
    public async Task What_is_accepted_while_a_rotation_commits_waits_and_is_signed_by_the_new_key()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var keys = Keys(test);
        await keys.GetAsync(default);
        using var release = new ManualResetEventSlim();
        var held = test.Database.WriteAsync(_ => release.Wait());
        var rotating = new KeyRotation(keys, test.Clock).RotateAsync(1, force: false, default);
        Task<SigningKeyRing> asked = null!;
        await DeliveryEngine.UntilAsync(() => Task.FromResult(!(asked = keys.GetAsync(default).AsTask()).IsCompleted));
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        var acceptedAt = test.Clock.GetUtcNow();

        release.Set();
        await held;

        var rotated = Assert.IsType<KeyRotationOutcome.Rotated>(await rotating);
        Assert.Equal(rotated.Current.Id, (await asked).At(acceptedAt).Key1.Id);
    }

    [Fact]
    public async Task The_slots_take_turns_and_the_second_waits_until_caches_have_the_first()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var keys = Keys(test);
        var rotation = new KeyRotation(keys, test.Clock);
        await keys.GetAsync(default);
        test.Clock.Advance(TimeSpan.FromMinutes(1));

        var first = Assert.IsType<KeyRotationOutcome.Rotated>(await rotation.RotateAsync(null, force: false, default));
        test.Clock.Advance(TimeSpan.FromHours(24));
        var tooSoon = Assert.IsType<KeyRotationOutcome.Refused>(await rotation.RotateAsync(null, force: false, default));
        test.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var second = Assert.IsType<KeyRotationOutcome.Rotated>(await rotation.RotateAsync(null, force: false, default));

        Assert.Equal((1, 2), (first.Current.Slot, second.Current.Slot));
        Assert.Contains("The key of slot 1 was replaced", tooSoon.Reason, StringComparison.Ordinal);
        Assert.Contains("--force", tooSoon.Reason, StringComparison.Ordinal);
        Assert.IsType<KeyRotationOutcome.Refused>(await rotation.RotateAsync(1, force: false, default));
        Assert.IsType<KeyRotationOutcome.Rotated>(await rotation.RotateAsync(1, force: true, default));
        Assert.IsType<KeyRotationOutcome.Refused>(await rotation.RotateAsync(3, force: true, default));
    }

    [Fact]
    public async Task A_retired_key_is_served_while_something_could_carry_it_and_then_goes()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var keys = Keys(test);
        var old = (await keys.GetAsync(default)).Current.Key1;
        await new KeyRotation(keys, test.Clock).RotateAsync(1, force: false, default);

        // Seven days in the journal or the dead letters, and a day of retries after a replay.
        test.Clock.Advance(TimeSpan.FromDays(8));
        using (var later = Keys(test))
        {
            Assert.Equal(old.PublicKey, await later.FindPublicKeyAsync(old.Id, default));
        }

        var desk = new SigningKeyDesk(keys, new KeyRotation(keys, test.Clock));
        var servedUntil = Assert.Single((await desk.ListAsync(default)).Select(key => key.ServedUntil).OfType<DateTimeOffset>());
        test.Clock.SetUtcNow(servedUntil);
        Assert.Equal(old.PublicKey, await keys.FindPublicKeyAsync(old.Id, default));

        // In the process that has served it so far as in one that starts now.
        test.Clock.Advance(TimeSpan.FromMilliseconds(1));
        using var atLast = Keys(test);
        Assert.Null(await atLast.FindPublicKeyAsync(old.Id, default));
        Assert.Null(await keys.FindPublicKeyAsync(old.Id, default));
        Assert.Equal(2, (await desk.ListAsync(default)).Count);
    }

    [Fact]
    public async Task A_retired_key_is_deleted_within_an_hour_of_its_end()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var keys = Keys(test);
        await keys.GetAsync(default);
        await new KeyRotation(keys, test.Clock).RotateAsync(1, force: false, default);
        using var retention = new SigningKeyRetention(keys, test.Clock, NullLogger<SigningKeyRetention>.Instance);
        await retention.StartAsync(default);

        test.Clock.Advance(keys.Retention);
        Assert.Equal(3, await CountAsync(test));
        test.Clock.Advance(TimeSpan.FromHours(1));

        await DeliveryEngine.UntilAsync(async () => await CountAsync(test) == 2);
        await retention.StopAsync(default);
    }

    private static Task<long> CountAsync(TestDatabase test) => test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM signing_keys"));

    private static SigningKeys Keys(TestDatabase test) => new(test.Database, test.Secrets, new EventsOptions(), test.Clock);
}
