/** An empty server of node:http: every request is answered with the same text. */
const { createServer } = require('node:http')

const { PORT, BODY = '' } = process.env
const server = createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(BODY) })
  response.end(BODY)
})
// Longer than anybody measures: an idle connection is to stay.
server.keepAliveTimeout = 600_000
server.listen(Number(PORT), '127.0.0.1')
