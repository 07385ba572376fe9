/** What programs of pods tell of each code that they have; built as their bundles are, it must tell the same. */
import { refuse as refuseUser } from '../../../src/broker/replies.ts'
import { replies } from '../../../src/endpoint/protocol/contract.ts'
import { notReady, refuse } from '../../../src/endpoint/protocol/replies.ts'
import { type Code, codes, Failure } from '../../../src/errors/index.ts'

type Texts = Readonly<Record<string, string>>

const ofEach = <C extends string>(all: object, tell: (code: C) => string): Texts =>
  Object.fromEntries(Object.keys(all).map((code) => [code, tell(code as C)]))

const failureOf = (code: Code): Failure => new Failure({ code, field: 'where', message: 'what' })

/** In the log, and as the reason why a container ended. */
export const messages = (): Texts => ofEach(codes, (code: Code) => failureOf(code).message)

/** What apps are answered. */
export const refusals = (): Texts =>
  ofEach(replies, (code: keyof typeof replies) => (code === 'Success' ? '' : refuse(code).body))

/** What they are answered while there are no credentials. */
export const waits = (): Texts => ofEach(codes, (code: Code) => notReady(failureOf(code)).body)

/** What a broker answers. */
export const userRefusals = (): Texts => ofEach(codes, (code: Code) => refuseUser(failureOf(code)).body)
