import { issuerFindings } from '../../src/issuer/index.ts'
import { duration, type Kind, objectName, textKind } from '../../src/settings/index.ts'

/** What IAM can take, whoever can reach it: whether it is public is said beside it. */
export const issuerKind: Kind<string> = {
  form: 'an https URL with a host name and at most a path',
  example: 'https://oidc.example.com/clusters/shop',
  parse: (text) => {
    const wrong = issuerFindings(text, { mustBePublic: false }).find(({ verdict }) => verdict === 'fail')
    return wrong === undefined ? { ok: true, value: text } : { ok: false, problem: `is no issuer: ${wrong.message}` }
  },
}

export const bucketKind: Kind<string> = textKind(
  'the name of an S3 bucket',
  'shop-cluster-issuer',
  /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/,
  [3, 63],
)
export const roleNameKind: Kind<string> = textKind('the name of an IAM role', 'web', /^[\w+=,.@-]+$/, [1, 64])
export const providerNameKind: Kind<string> = textKind(
  'the name of an IAM SAML provider',
  'corporate',
  /^[\w.-]+$/,
  [1, 128],
)
/** IAM API, CreateRole, MaxSessionDuration. */
export const maxSessionKind: Kind<number> = duration('1h', '12h')

export type Account = { readonly namespace: string; readonly name: string }

/** `NAMESPACE/NAME` of a ServiceAccount. */
export const accountKind: Kind<Account> = {
  form: 'NAMESPACE/SERVICEACCOUNT',
  example: 'shop/web',
  parse: (text) => {
    const [namespace = '', name = '', ...more] = text.split('/')
    const isName = [namespace, name].every((part) => objectName.parse(part).ok) && !namespace.includes('.')
    return isName && more.length === 0
      ? { ok: true, value: { namespace, name } }
      : { ok: false, problem: `is ${JSON.stringify(text.slice(0, 60))}` }
  },
}
