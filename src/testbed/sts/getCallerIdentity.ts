import { authenticate } from './authenticate.ts'
import { assumedRoleArn } from './identifiers.ts'
import type { Action } from './types.ts'

/** Tells the signer of the request who it is (AWS STS API Reference). */
export const getCallerIdentity: Action = async (request, context) => {
  const { role, name, accessKeyId } = authenticate(request, context)
  return {
    content: [
      ['Arn', assumedRoleArn(context.account, role, name)],
      ['UserId', `${role.id}:${name}`],
      ['Account', context.account.accountId],
    ],
    role: role.arn,
    accessKeyId,
  }
}
