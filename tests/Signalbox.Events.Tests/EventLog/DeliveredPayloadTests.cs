using System.Text;
using Signalbox.Events.EventLog;
using Signalbox.Identity;

namespace Signalbox.Events.Tests.EventLog;

public sealed class DeliveredPayloadTests
{
    private const string Added =
        "\"eventid\":\"0198a1b2-0000-7000-8000-000000000001\",\"event_id\":\"0198a1b2-0000-7000-8000-000000000001\",\"recipient_client_id\":\"client-1\",\"recipientclientid\":\"client-1\"";

    [Theory]
    [InlineData("""{}""", "{" + Added + "}")]
    [InlineData("""{"id":"1"}""", "{\"id\":\"1\"," + Added + "}")]
    [InlineData("""{ "data" : { "n": 1.50e+2, "a":[ 1 ,2] } , "id" : "\u00e4/\/" }""", "{\"id\":\"\\u00e4/\\/\"," + Added + ",\"data\":{ \"n\": 1.50e+2, \"a\":[ 1 ,2] }}")]
    [InlineData("""{"x":12345678901234567890,"data":null,"t":true}""", "{\"x\":12345678901234567890,\"t\":true," + Added + ",\"data\":null}")]
    [InlineData("""{"eventid":"mine","\u0065vent_id":1,"recipientclientid":"x","recipient_client_id":{},"d\u0061ta":"é"}""", "{" + Added + ",\"data\":\"é\"}")]
    [InlineData("""{"na\u006de":"v"}""", "{\"na\\u006de\":\"v\"," + Added + "}")]
    public void Four_attributes_are_added_and_every_other_token_stays_as_written(string published, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(DeliveredPayload.Compose(Event(published), new ClientId("client-1")).Span));

    [Fact]
    public void A_client_id_cannot_break_out_of_its_string() =>
        Assert.Contains(
            "\"recipientclientid\":\"a\\\"b\\\\\"",
            Encoding.UTF8.GetString(DeliveredPayload.Compose(Event("{}"), new ClientId("a\"b\\")).Span),
            StringComparison.Ordinal);

    private static AcceptedEvent Event(string published) => new()
    {
        Sequence = 1,
        EventId = Guid.Parse("0198a1b2-0000-7000-8000-000000000001"),
        ProviderId = "p",
        EventCode = "c",
        Payload = Encoding.UTF8.GetBytes(published),
        ReceivedAt = default,
    };
}
