import type { Condition } from './document.ts'
import { hasVariable } from './match.ts'

/** Of issuers whose tokens are for everybody, such as CI systems: whose a subject is. */

/**
 * `repo:example/`, `organization:example:`: the owner comes first, and is whole, so that nobody else can take a name that fits.
 * Other claims come first where an owner has said so (GitHub, "Customizing the subject claims"), and anybody may have them.
 */
const OWNER =
  '((repo|repository|workflow_ref|project_path):[^:/*?]+/|(repository_owner|repository_owner_id|repository_id|enterprise|enterprise_id|organization|owner):[^:/*?]+:)'
export const isOwned = (fixed: string): boolean => new RegExp(`^${OWNER}`).test(fixed)

/** Whether any claim of a subject that is whole is an owner's. */
export const namesOwner = (subject: string): boolean => new RegExp(`(^|:)${OWNER}`).test(`${subject}:`)

export const isOfGitHub = (key: string): boolean => /^token\.actions\.githubusercontent\.com:/i.test(key)

/** Claims by which IAM can tell the owner apart, whatever the subject is made of (User Guide, "Available keys for AWS OIDC federation"). */
const OWNERS = /^token\.actions\.githubusercontent\.com:(repository|repository_id|repository_owner_id|enterprise_id)$/i

export const isOfOwner = ({ key, operator, values, forAll, ifExists }: Condition, subjectKey: string): boolean =>
  isOfGitHub(subjectKey) &&
  OWNERS.test(key) &&
  !(forAll || ifExists || values.some(hasVariable)) &&
  /^(stringequals(ignorecase)?|stringlike|numericequals)$/i.test(operator) &&
  values.every((value) => (/^stringequals/i.test(operator) ? !value.includes('*') : /^[^*?/]+(\/|$)/.test(value)))

/** Issuers that are one organisation's own, by their path: nobody else has tokens of them. Others with a path are for everybody. */
const OF_ONE =
  /^(oidc\.circleci\.com\/org|oidc\.fly\.io|oidc\.vercel\.com|token\.actions\.githubusercontent\.com|api\.bitbucket\.org\/2\.0\/workspaces)\/[^/*?]+(\/pipelines-config\/identity\/oidc)?$/i

export const isOfOne = (key: string): boolean => OF_ONE.test(key.slice(0, key.lastIndexOf(':')))

/** Everybody can have an account with these: the best known of those that are no cluster's. */
const FOR_EVERYBODY =
  /^(token\.actions\.githubusercontent\.com|gitlab\.com|app\.(eu\.)?terraform\.io|agent\.buildkite\.com|api\.pulumi\.com\/oidc)$/i

export const isForEverybody = (key: string): boolean => FOR_EVERYBODY.test(key.slice(0, key.lastIndexOf(':')))
