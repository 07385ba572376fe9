import { failOn, type Problem } from '../../src/errors/index.ts'
import { type Kind, nearest } from '../../src/settings/index.ts'
import type { Flag, GivenFlags } from '../../src/terminal/flags.ts'

/** Reads the values of flags, and keeps what is wrong with them until all are read. */
export type OptionReader = {
  readonly text: <T>(name: string, kind: Kind<T>) => T | undefined
  readonly required: <T>(name: string, kind: Kind<T>, fallback: T) => T
  readonly list: <T>(name: string, kind: Kind<T>) => readonly T[]
  readonly choice: <T extends string>(name: string, choices: readonly T[]) => T | undefined
  readonly refuse: (name: string, message: string, fix: string) => void
  /** Throws Failure with every problem. */
  readonly end: () => void
}

export function readOptions({ texts, lists }: GivenFlags): OptionReader {
  const problems: Problem[] = []
  const refuse = (name: string, message: string, fix: string, code: Problem['code'] = 'SettingInvalid'): void =>
    void problems.push({ code, field: `--${name}`, message, fix })
  const parse = <T>(name: string, kind: Kind<T>, text: string): T | undefined => {
    const parsed = kind.parse(text)
    if (parsed.ok) return parsed.value
    refuse(name, `the value ${parsed.problem}`, `It must be ${kind.form}, such as ${kind.example}`)
    return undefined
  }
  const text = <T>(name: string, kind: Kind<T>): T | undefined => {
    const given = texts[name]
    return given === undefined ? undefined : parse(name, kind, given)
  }
  return {
    text,
    required: (name, kind, fallback) => {
      if (texts[name] !== undefined) return text(name, kind) ?? fallback
      refuse(name, 'it is missing', `Give --${name} with ${kind.form}, such as ${kind.example}`, 'SettingMissing')
      return fallback
    },
    list: (name, kind) => (lists[name] ?? []).flatMap((each) => parse(name, kind, each) ?? []),
    choice: (name, choices) => {
      const given = texts[name]
      const known = choices.find((each) => each === given)
      if (given !== undefined && known === undefined) {
        const message = `${JSON.stringify(given.slice(0, 80))} is not known${nearest(given, choices)}`
        refuse(name, message, `It must be ${choices.join(', ')}`)
      }
      return known
    },
    refuse: (name, message, fix) => refuse(name, message, fix),
    end: () => failOn(problems),
  }
}

/** Which cluster is asked. */
export const clusterFlags: readonly Flag[] = [
  { name: 'kubeconfig', value: 'FILE', doc: 'In place of KUBECONFIG and ~/.kube/config.' },
  { name: 'context', value: 'NAME', doc: "In place of the kubeconfig's current one." },
]

/** Where the issuer is said, for all that need it. */
export const issuerFlag: Flag = {
  name: 'issuer',
  value: 'URL',
  doc: "The issuer of the cluster's tokens, exactly as they have it.",
  note: '(default: what the cluster of KUBECONFIG says)',
}
