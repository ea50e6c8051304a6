// Says how long ago the event was sent when this code starts.
function main (params) {
  const now = performance.timeOrigin + performance.now()
  const { sentAt } = params.event.data
  return { body: { age: sentAt === undefined ? null : now - sentAt } }
}

module.exports.main = main
