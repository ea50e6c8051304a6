using System.Text.Json.Serialization;
using Signalbox.Events.ClientCertificates;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Filters;
using Signalbox.Events.Health;
using Signalbox.Events.Notifications;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;
using Signalbox.Events.Signing;
using Signalbox.Events.Stories;
using Signalbox.Identity;

namespace Signalbox.Events;

/// <summary>How the room's bodies are written and read: snake case, absent rather than null, duplicates refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ApiError))]
[JsonSerializable(typeof(CreateProviderBody))]
[JsonSerializable(typeof(UpdateProviderBody))]
[JsonSerializable(typeof(EventMetadataBody))]
[JsonSerializable(typeof(RegistrationBody))]
[JsonSerializable(typeof(IReadOnlyList<DeclaredRegistration>))]
[JsonSerializable(typeof(PackageVerdict))]
[JsonSerializable(typeof(SubscriberFilterBody))]
[JsonSerializable(typeof(IReadOnlyList<SubscriberFilterBody>))]
[JsonSerializable(typeof(FilterValidationBody))]
[JsonSerializable(typeof(FilterVerdict))]
[JsonSerializable(typeof(ProviderResource))]
[JsonSerializable(typeof(ProviderCollection))]
[JsonSerializable(typeof(EventMetadataResource))]
[JsonSerializable(typeof(EventMetadataCollection))]
[JsonSerializable(typeof(ProviderFamilyCollection))]
[JsonSerializable(typeof(SampleEventResource))]
[JsonSerializable(typeof(PostedSampleResource))]
[JsonSerializable(typeof(RegistrationResource))]
[JsonSerializable(typeof(RegistrationCollection))]
[JsonSerializable(typeof(EventStory))]
[JsonSerializable(typeof(StatusChange))]
[JsonSerializable(typeof(CertificateList))]
[JsonSerializable(typeof(NoticeBody))]
[JsonSerializable(typeof(NoticeTestList))]
[JsonSerializable(typeof(RotateKeyBody))]
[JsonSerializable(typeof(SigningKeyList))]
[JsonSerializable(typeof(StatusHistoryResource))]
[JsonSerializable(typeof(DeadLetterResource))]
[JsonSerializable(typeof(DeadLetterCollection))]
[JsonSerializable(typeof(PurgedResource))]
[JsonSerializable(typeof(ReplayBody))]
[JsonSerializable(typeof(ReplayResource))]
[JsonSerializable(typeof(ReplayCollection))]
internal sealed partial class EventsJson : JsonSerializerContext;
