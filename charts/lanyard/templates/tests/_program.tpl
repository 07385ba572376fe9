{{- /* What `helm test` runs with the image's own Node: is the webhook ready, for whom is its certificate, does it inject. */}}
{{- define "lanyard.testProgram" -}}
const http = require('node:http'), https = require('node:https')
const { CA, HOST, ROLE, REGION, TRIES } = process.env
const ask = (client, options, body) => new Promise((resolve, reject) => {
  const request = client.request({ host: HOST, timeout: 5000, ...options }, (answer) => {
    let text = ''
    const names = client === https ? answer.socket.getPeerCertificate().subjectaltname : undefined
    answer.setEncoding('utf8').on('data', (part) => { text += part }).on('error', reject)
    answer.on('end', () => resolve({ status: answer.statusCode, text, names }))
  })
  request.on('timeout', () => request.destroy(new Error('no answer within 5 s'))).on('error', reject).end(body)
})
const expect = (what, ok, found) => {
  if (!ok) throw new Error(what + ': ' + found)
  console.log('ok: ' + what)
}
const pod = {
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name: 'lanyard-test', annotations: { 'lanyard.dev/role-arn': ROLE, 'lanyard.dev/region': REGION } },
  spec: { serviceAccountName: 'default', containers: [{ name: 'app', image: 'app' }] },
}
const review = {
  apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview',
  request: {
    uid: 'lanyard-test', dryRun: true, operation: 'CREATE', namespace: 'default', name: 'lanyard-test',
    kind: { group: '', version: 'v1', kind: 'Pod' }, resource: { group: '', version: 'v1', resource: 'pods' },
    userInfo: { username: 'helm-test' }, object: pod,
  },
}
const main = async () => {
  const ready = await ask(http, { port: 9798, path: '/readyz' })
  expect('the webhook is ready', ready.status === 200, ready.text)
  // With the built-in authority, no pod can know which one it is of: that is between the API server and the webhook.
  const headers = { 'content-type': 'application/json' }
  const trust = CA ? { ca: CA } : { rejectUnauthorized: false }
  const options = { port: 443, path: '/mutate', method: 'POST', headers, agent: false, ...trust }
  const answer = await ask(https, options, JSON.stringify(review))
  expect('its certificate is for ' + HOST, String(answer.names).split(', ').includes('DNS:' + HOST), answer.names)
  if (CA) expect('its certificate is of the authority that the API server trusts', true)
  const { response = {} } = answer.status === 200 ? JSON.parse(answer.text) : {}
  // Where nobody is permitted this role, which does not exist.
  const isRefused = String(response.status?.message).includes('RoleNotPermitted')
  const isInjected = response.allowed === true && response.patch !== undefined
  expect('it injects into an annotated pod' + (isRefused ? ' that is permitted its role' : ''), isInjected || isRefused, answer.text)
}
// A Service is known on every node a moment after its pods are ready.
const attempt = (left) => main().catch((error) => {
  if (left > 1) return new Promise((resolve) => setTimeout(resolve, 1000)).then(() => attempt(left - 1))
  console.error('FAILED: ' + error.message)
  process.exitCode = 1
})
attempt(Number(TRIES))
{{- end }}
