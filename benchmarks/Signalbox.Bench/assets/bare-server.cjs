// The reference of warm-invoke: nothing but Node.js's own HTTP server around the function.
const http = require('node:http')
const { main } = require('./function.cjs')

http.createServer((request, response) => {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const answer = JSON.stringify(main(JSON.parse(Buffer.concat(chunks).toString())))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
    response.end(answer)
  })
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'))
