/** Whether the API server asks Lanyard about a pod at all. */
import { speaksItself } from '../../injection/index.ts'
import type { Installation, Subject } from '../ground.ts'
import { entriesOf, FIRST_ENTRY } from './installation.ts'
import { itemsAt, type JsonObject, objectAt, textAt, textsAt, valueAt } from './objects.ts'

export const ENTRIES = { own: FIRST_ENTRY, defaults: 'defaults.lanyard.dev', eks: 'eks.lanyard.dev' } as const
export type EntryName = (typeof ENTRIES)[keyof typeof ENTRIES]

/** The entries that are for the pod by what it says itself, in the order in which they are asked. */
export const entriesFor = ({ pod }: Pick<Subject, 'pod'>): readonly EntryName[] =>
  speaksItself(pod) ? [ENTRIES.own] : [ENTRIES.defaults, ENTRIES.eks]

/** Whether an entry of that name is there and looks at pods of the namespace. */
export function isReached({ injector, object }: Installation, entry: EntryName, namespace: JsonObject): boolean {
  if (injector === 'policy') {
    const selector = valueAt(object, ['spec', 'matchConstraints', 'namespaceSelector'])
    return entry === ENTRIES.own && isSelected(selector, textsAt(namespace, 'metadata', 'labels'))
  }
  const found = entriesOf(object).find((each) => textAt(each, 'name') === entry)
  return found !== undefined && isSelected(found['namespaceSelector'], textsAt(namespace, 'metadata', 'labels'))
}

type Labels = Readonly<Record<string, string>>

/** LabelSelector (meta/v1); an absent one selects everything, and so does an empty one. */
export function isSelected(selector: unknown, labels: Labels): boolean {
  const wanted = Object.entries(objectAt(selector, 'matchLabels'))
  return (
    wanted.every(([key, value]) => own(labels, key) === value) &&
    itemsAt(selector, 'matchExpressions').every((expression) => holds(expression, labels))
  )
}

const own = (labels: Labels, key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined)

/** What no API server would have taken selects nothing. */
function holds(expression: JsonObject, labels: Labels): boolean {
  const value = own(labels, textAt(expression, 'key') ?? '')
  const values = valueAt(expression, ['values'])
  const isIn = Array.isArray(values) && value !== undefined && values.includes(value)
  switch (expression['operator']) {
    case 'In':
      return isIn
    case 'NotIn':
      return !isIn
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}
