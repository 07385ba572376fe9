import { type Area, type Code, codes, describe, type Retry } from '../../src/errors/index.ts'
import { anchor, heading } from './markdown.ts'

type Chapter = { readonly title: string; readonly about: string }

const chapters: Readonly<Record<Area, Chapter>> = {
  admission: {
    title: 'At admission',
    about: 'Why a pod is denied: in the answer of `kubectl apply`, or in the events of its ReplicaSet.',
  },
  skip: {
    title: 'Not injected',
    about: "Why a pod is let through as it is: in the webhook's log, and the label `reason` of its metrics.",
  },
  review: { title: 'Reviews that are refused', about: 'Why the webhook refuses a request: for whoever sends it.' },
  token: {
    title: 'The identity token',
    about: "Why the sidecar cannot use the pod's identity token: in its log, its last state and its metrics.",
  },
  provider: {
    title: 'Identity providers',
    about:
      'Why an identity provider gave no token that can be used: in the log of the sidecar, its last state and its metrics.',
  },
  saml: {
    title: 'SAML',
    about:
      'Why there is no SAML assertion that can be sent: in the log of the sidecar, its last state and its metrics.',
  },
  sts: {
    title: 'STS',
    about: 'Why STS gave no credentials: in the log of the sidecar, its last state and its metrics.',
  },
  endpoint: {
    title: 'The endpoint',
    about:
      "Why the app got no credentials: in the answer to its SDK. Its JSON carries both `code` and `Code`, `message` and `Message`, the same twice: JavaScript's SDK reads the capitals, Java's the others.",
  },
  user: {
    title: 'User credentials',
    about: "Why the app got no credentials of one of its users: in the broker's answer, its log and its metrics.",
  },
  cluster: {
    title: 'The Kubernetes API server',
    about: 'What the webhook met at the API server: in its log. It goes on serving with what it has.',
  },
  issuer: {
    title: "The cluster's issuer",
    about: 'What is wrong with the OIDC issuer of the cluster: said by `lanyard setup issuer` and `lanyard doctor`.',
  },
  trust: {
    title: 'Trust policies',
    about:
      'What a trust policy lets in, or keeps out, that it should not: said by `lanyard setup lint` and `lanyard doctor`.',
  },
  doctor: {
    title: 'What the doctor finds',
    about: 'Said by `lanyard doctor`, beside the codes of all chapters above.',
  },
  process: { title: 'Commands', about: 'Why a command stops: on its standard error.' },
}

const retries: Readonly<Record<Retry, string>> = {
  backoff:
    'The sidecar tries again after up to 1 s, then up to twice as long each time, up to 2 minutes. While it holds credentials that can be served for more than 8 minutes, it tries four times so and then waits for a quarter to a half of that time, 14 minutes at most; in the last 8 minutes, for up to an eighth of what is left.',
  rereadToken:
    'The sidecar reads the token file again and tries anew after up to 1 s, then up to twice as long each time; after four failures it goes on like a mistake of configuration (5, 15, 60 s, then every 5 minutes).',
  slow: 'The sidecar tries again after 5, 15 and 60 s, then every 5 minutes: it heals by itself once the cause is mended.',
}

const webhookRetries: Readonly<Record<Retry, string>> = {
  backoff: 'The webhook tries again after up to 1 s, then up to twice as long each time, up to 30 s.',
  rereadToken: 'The webhook tries again after up to 1 s, then up to twice as long each time, up to 30 s.',
  slow: 'The webhook tries again after 5, 15 and 60 s, then every minute: it heals by itself once the cause is mended.',
}

/** docs/reference/errors.md: every code, with its cause and what to change. */
export const errorsPage = (): string =>
  [
    heading('Errors', 'For everybody who met one: what each code of Lanyard means, and what to change.'),
    ...(Object.keys(chapters) as Area[]).map(chapter),
  ].join('\n')

function chapter(area: Area): string {
  const { title, about } = chapters[area]
  const own = (Object.keys(codes) as Code[]).filter((name) => describe(name).area === area)
  return [`## ${title}`, '', about, '', ...own.map(section)].join('\n')
}

function section(name: Code): string {
  const { area, cause, fix, retry } = describe(name)
  const again = retry === undefined ? [] : ['', area === 'cluster' ? webhookRetries[retry] : retries[retry]]
  return [`### ${anchor(name)}${name}`, '', cause, '', `**What to change:** ${fix}`, ...again, ''].join('\n')
}
