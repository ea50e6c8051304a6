// A non-web action: it is called for each event, after the signature validator has let the delivery through.
// 'event' is the CloudEvent; '__adobe_headers' are the delivery's x-request-id and x-adobe-* headers.
function main ({ event, __adobe_headers: headers }) {
  console.log(`got ${event.type} ${event.id} from ${event.source}`)

  if (event.data.quantity < 0) {
    console.error(`a quantity of ${event.data.quantity} cannot be shipped`)
    throw new RangeError(`quantity ${event.data.quantity} is negative`)
  }

  console.log(`shipping ${event.data.quantity} x ${event.data.item}`)
  return {
    statusCode: 200,
    headers: { 'x-target-action-activation-id': process.env.__OW_ACTIVATION_ID },
    body: { shipped: event.data.quantity, of: event.data.item, delivery: headers['x-adobe-delivery-id'] }
  }
}
