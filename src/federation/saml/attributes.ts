import { Failure } from '../../errors/index.ts'
import { printable } from '../redact.ts'
import { attributeOf, childrenNamed, textOf } from './dom.ts'
import { AWS_ATTRIBUTES, NS } from './names.ts'

/** The role that is wanted, and the IAM SAML provider that stands for the identity provider. */
export type RolePair = { readonly roleArn: string; readonly principalArn: string }

/** What the assertion tells AWS: IAM User Guide, Configure SAML assertions for the authentication response. */
export type AwsAttributes = { readonly sessionName: string }

/** Throws Failure SamlAttributes, SamlRoleMissing, SamlRolePair, SamlRoleAmbiguous, SamlSessionName, SamlSessionDuration. */
export function checkAttributes(assertion: Element, pair: RolePair): AwsAttributes {
  const attributes = readAttributes(assertion)
  checkRole(attributes.get(AWS_ATTRIBUTES.role), pair)
  const sessionName = readSessionName(attributes.get(AWS_ATTRIBUTES.sessionName))
  checkDuration(attributes.get(AWS_ATTRIBUTES.sessionDuration))
  return { sessionName }
}

/** AWS's attributes with their values; which of two with one name counts, nobody can say. */
function readAttributes(assertion: Element): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  const statements = childrenNamed(assertion, NS.assertion, 'AttributeStatement')
  for (const attribute of statements.flatMap((each) => childrenNamed(each, NS.assertion, 'Attribute'))) {
    const name = (attributeOf(attribute, 'Name') ?? '').trim()
    if (!name.startsWith(AWS_ATTRIBUTES.prefix)) continue
    if (found.has(name)) throw twice(name)
    found.set(
      name,
      childrenNamed(attribute, NS.assertion, 'AttributeValue').map((value) => plainText(value, name)),
    )
  }
  return found
}

const twice = (name: string): Failure =>
  new Failure({
    code: name === AWS_ATTRIBUTES.role ? 'SamlRoleAmbiguous' : 'SamlAttributes',
    message: `the assertion has the attribute ${printable(name)} twice`,
  })

function plainText(value: Element, name: string): string {
  const text = textOf(value)
  if (text !== undefined) return text
  throw new Failure({
    code: 'SamlAttributes',
    message: `a value of the attribute ${printable(name)} is more than a text`,
  })
}

/** Each value is two ARNs with a comma between them, in either order; those of other roles do not matter. */
function checkRole(values: readonly string[] | undefined, { roleArn, principalArn }: RolePair): void {
  if (values === undefined || values.length === 0) {
    throw new Failure({ code: 'SamlRoleMissing', message: `the assertion has no attribute ${AWS_ATTRIBUTES.role}` })
  }
  const ofRole = values
    .map((value) => value.split(',').map((arn) => arn.trim()))
    .filter((arns) => arns.includes(roleArn))
  if (ofRole.some((arns) => arns.length !== 2)) throw ambiguous(`a value with ${roleArn} is not a pair of two ARNs`)
  const wanted = ofRole.filter((arns) => arns.includes(principalArn))
  if (wanted.length > 1) throw ambiguous(`${roleArn} and ${principalArn} are there twice`)
  if (wanted.length === 1) return
  const others = ofRole.length === 0 ? 'it names other roles only' : 'it names that role with another provider'
  const message = `no value of the Role attribute holds ${roleArn} and ${principalArn}: ${others}`
  throw new Failure({ code: 'SamlRolePair', message })
}

const ambiguous = (message: string): Failure => new Failure({ code: 'SamlRoleAmbiguous', message })

function readSessionName(values: readonly string[] = []): string {
  const [name, ...others] = values
  if (name !== undefined && others.length === 0 && /^[\w+=,.@-]{2,64}$/.test(name)) return name
  const found = values.length === 1 ? 'one value that AWS does not take' : `${values.length} values`
  throw new Failure({ code: 'SamlSessionName', message: `the attribute RoleSessionName has ${found}` })
}

/** It is for the console's session; but STS refuses an assertion where it is wrong. */
function checkDuration(values: readonly string[] | undefined): void {
  if (values === undefined) return
  const [text = '', ...others] = values
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (others.length === 0 && seconds >= 900 && seconds <= 43_200) return
  throw new Failure({
    code: 'SamlSessionDuration',
    message: 'the attribute SessionDuration is not one number from 900 to 43200',
  })
}
