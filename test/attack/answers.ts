/** What came back on a connection, in words that a table can expect. */

const HEAD_END = '\r\n\r\n'

type Head = { readonly status: string; readonly headers: ReadonlyMap<string, string> }

export type Answer = {
  /** `200 web` (credentials of that role), `200 "text"`, `403 HostRefused`; what is wrong with it follows in brackets. */
  readonly label: string
  /** It says that it is the last one. */
  readonly last: boolean
  readonly body: string
}

/** Takes the answers off what was received; the rest is not an answer yet, or will never be one. */
export function takeAnswers(received: string): { readonly answers: readonly Answer[]; readonly rest: string } {
  const answers: Answer[] = []
  let rest = received
  for (;;) {
    const end = rest.indexOf(HEAD_END)
    if (end < 0) return { answers, rest }
    const head = readHead(rest.slice(0, end))
    const length = Number(head?.headers.get('content-length') ?? Number.NaN)
    const from = end + HEAD_END.length
    if (head === undefined || !(rest.length - from >= length)) return { answers, rest }
    const body = rest.slice(from, from + length)
    answers.push({ label: labelOf(head, body), last: head.headers.get('connection') === 'close', body })
    rest = rest.slice(from + length)
  }
}

/** What is left when the connection is closed: nothing, the head of an answer to HEAD, or what must not be. */
export function labelRest(rest: string): readonly string[] {
  if (rest === '') return []
  const head = rest.endsWith(HEAD_END) ? readHead(rest.slice(0, -HEAD_END.length)) : undefined
  return [head === undefined ? `${rest.length} stray bytes` : `${head.status} without a body`]
}

function readHead(text: string): Head | undefined {
  const [first = '', ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]
  const fields = lines.map((line) => /^([^:]+): (.*)$/.exec(line)).filter((field) => field !== null)
  if (status === undefined || fields.length < lines.length) return undefined
  return { status, headers: new Map(fields.map(([, name = '', value = '']) => [name.toLowerCase(), value])) }
}

function labelOf(head: Head, body: string): string {
  const { status, headers } = head
  const says = headers.get('content-type') === 'application/json' ? readJson(body) : { what: JSON.stringify(body) }
  const faults = [
    ...(says.fault === undefined ? [] : [says.fault]),
    ...(headers.get('cache-control') === 'no-store' ? [] : ['may be stored']),
    ...(headers.has('server') || headers.has('x-powered-by') ? ['tells its server'] : []),
    ...(/^(?:400 Req|403)/.test(`${status} ${says.what}`) && headers.get('connection') !== 'close'
      ? ['kept open']
      : []),
    ...(status !== '200' && /ASIA|SecretAccessKey/.test(body) ? ['holds credentials'] : []),
  ]
  const ttl = headers.get('x-aws-ec2-metadata-token-ttl-seconds')
  const what = ttl === undefined ? says.what : `session token for ${ttl} s`
  return `${status} ${what}${faults.length === 0 ? '' : ` [${faults.join('; ')}]`}`
}

const ERROR_FIELDS = 'code,message,Code,Message'

/** The role whose credentials these are, or the code of an error in the form that every SDK reads. */
function readJson(body: string): { readonly what: string; readonly fault?: string } {
  const fields: Readonly<Record<string, unknown>> = JSON.parse(body)
  const { Code: code, RoleArn: arn } = fields
  if (code === undefined) return { what: Object.keys(fields).join(',') }
  if (code === 'Success') return { what: String(arn).replace(/^.*\//, '') }
  const wellFormed =
    Object.keys(fields).join(',') === ERROR_FIELDS && fields['code'] === code && fields['message'] === fields['Message']
  return { what: String(code), ...(wellFormed ? {} : { fault: 'an error of another form' }) }
}
