// The function that both sides run: the action as it is, the reference through a bare node:http server.
function main (params) {
  return { greeting: `hello ${params.name}`, letters: params.name.length }
}

module.exports.main = main
