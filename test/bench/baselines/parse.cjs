/**
 * An empty server of node:https that parses each body and admits it, without any lever. With PATCH the answer has so many
 * characters of patch.
 */
const { readFileSync } = require('node:fs')
const { createServer } = require('node:https')

const { PORT, CERT, KEY, PATCH = '0' } = process.env
const patch = 'A'.repeat(Number(PATCH))
const more = patch === '' ? {} : { patchType: 'JSONPatch', patch }
createServer({ cert: readFileSync(CERT), key: readFileSync(KEY) }, (request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const { request: review } = JSON.parse(Buffer.concat(parts).toString('utf8'))
    const answer = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: review.uid, allowed: true, ...more },
    }
    const body = JSON.stringify(answer)
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
    response.end(body)
  })
}).listen(Number(PORT), '127.0.0.1')
