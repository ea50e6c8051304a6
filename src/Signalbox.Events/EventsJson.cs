using System.Text.Json.Serialization;
using Signalbox.Events.ClientCertificates;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Edge;
using Signalbox.Events.Filters;
using Signalbox.Events.Health;
using Signalbox.Events.Notifications;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;
using Signalbox.Events.Signing;
using Signalbox.Events.Stories;

namespace Signalbox.Events;

/// <summary>How the room's bodies are written and read: snake case, absent rather than null, times with milliseconds, duplicates refused.</summary>
/// <remarks>
/// A list that is written while it is read has no synchronous writer. One would be generated all the same, and the
/// serializer would switch to it after ten answers that were small.
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(ApiTimeConverter)],
    AllowDuplicateProperties = false)]
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
[JsonSerializable(typeof(RegistrationCollection), GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(EmbeddedRegistrations), GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(EventStory))]
[JsonSerializable(typeof(PublishedEvents))]
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
[JsonSerializable(typeof(RedriveBody))]
[JsonSerializable(typeof(ReplayBody))]
[JsonSerializable(typeof(ReplayResource))]
[JsonSerializable(typeof(ReplayCollection))]
internal sealed partial class EventsJson : JsonSerializerContext;
