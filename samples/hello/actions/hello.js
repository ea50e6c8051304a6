// A web action: 'signalbox invoke shop/hello --param name Ada' calls it, and so does its URL with ?name=Ada.
function main ({ name = 'world' }) {
  console.log(`hello ${name}`)
  return { statusCode: 200, body: { greeting: `Hello, ${name}!` } }
}
