// The function that events are delivered to: as much work as function.cjs, on the event's data.
function main (params) {
  const { name } = params.event.data
  return { greeting: `hello ${name}`, letters: name.length }
}

module.exports.main = main
