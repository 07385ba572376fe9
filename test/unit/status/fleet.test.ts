import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { fleetOf, type Reader } from '../../../src/status/index.ts'

const scope = { namespace: 'shop', selector: undefined, systemNamespace: 'lanyard-system' }
const failing = (
  code: 'ClusterForbidden' | 'ClusterAnswerInvalid' | 'ClusterUnreachable',
  message = 'get: HTTP 403: no',
) => new Failure({ code, field: 'Pods', message })

/** A reader that answers in turn; a Failure is thrown. */
function reading(...answers: readonly (object | Failure | undefined)[]) {
  const asked: string[] = []
  const left = [...answers]
  const reader: Reader = {
    get: async ({ path }) => {
      asked.push(path)
      const answer = left.shift()
      if (answer instanceof Failure) throw answer
      return answer as Readonly<Record<string, unknown>> | undefined
    },
    text: async ({ path }) => path,
  }
  return { asked, reader }
}

async function podsOf(
  reader: Reader,
  parts: Partial<typeof scope> | { namespace: undefined } | { selector: string } = {},
) {
  const pages: unknown[] = []
  for await (const page of fleetOf(reader, { ...scope, ...parts }).pods()) pages.push(page)
  return pages
}
const page = (items: unknown, next?: string) => ({ items, metadata: next === undefined ? {} : { continue: next } })

describe('the pods', () => {
  test('page by page, by selector', async () => {
    const { asked, reader } = reading(page([1, 2], 'n&1'), page([3], ''))
    expect(await podsOf(reader, { selector: 'app=web' })).toEqual([[1, 2], [3]])
    const path = '/api/v1/namespaces/shop/pods?limit=200&labelSelector=app%3Dweb'
    expect(asked).toEqual([path, `${path}&continue=n%261`])
  })

  test('of all namespaces; of what has no list, none', async () => {
    const { asked, reader } = reading(page('no list'))
    expect(await podsOf(reader, { namespace: undefined })).toEqual([[]])
    expect(asked).toEqual(['/api/v1/pods?limit=200'])
    expect(await podsOf(reading(undefined, { kind: 'Namespace' }).reader)).toEqual([[]])
  })

  test('in smaller pages where one was too long, from the same place on', async () => {
    const tooLong = failing('ClusterAnswerInvalid')
    const { asked, reader } = reading(page([1], 'a'), tooLong, tooLong, page([2], 'b'), page([3]))
    expect(await podsOf(reader)).toEqual([[1], [2], [3]])
    expect(asked.map((path) => path.replace(/^.*limit=/, ''))).toEqual([
      '200',
      '200&continue=a',
      '25&continue=a',
      '5&continue=a',
      '5&continue=b',
    ])
    await expect(podsOf(reading(tooLong, tooLong, tooLong).reader)).rejects.toBe(tooLong)
  })

  test('that may not be listed are a right of the caller', async () => {
    await expect(podsOf(reading(failing('ClusterForbidden')).reader)).rejects.toMatchObject({
      code: 'RightsMissing',
      problems: [{ field: 'pods of namespace shop', message: 'get: HTTP 403: no' }],
    })
    const away = failing('ClusterUnreachable')
    await expect(podsOf(reading(away).reader)).rejects.toBe(away)
  })
})

describe('a namespace without pods', () => {
  test('is looked for, and one that is not there is an error', async () => {
    const { asked, reader } = reading(page([]), undefined)
    await expect(podsOf(reader)).rejects.toMatchObject({
      code: 'TargetMissing',
      problems: [{ field: 'namespace shop', fix: expect.stringContaining('kubectl get namespaces') }],
    })
    expect(asked[1]).toBe('/api/v1/namespaces/shop')
  })

  test('is taken as it is where the caller may not read namespaces', async () => {
    expect(await podsOf(reading(page([]), failing('ClusterForbidden')).reader)).toEqual([[]])
    const away = failing('ClusterUnreachable')
    await expect(podsOf(reading(page([]), away).reader)).rejects.toBe(away)
  })
})

describe('a selector that Kubernetes refuses', () => {
  const refused = failing('ClusterAnswerInvalid', 'get: HTTP 400: unable to parse requirement: found 2')

  test('is called so, by its flag, and the list is not tried again', async () => {
    const { asked, reader } = reading(refused)
    await expect(podsOf(reader, { selector: 'app in web' })).rejects.toMatchObject({
      code: 'SettingInvalid',
      problems: [
        {
          field: '--selector',
          message: 'Kubernetes cannot read "app in web": unable to parse requirement: found 2',
          fix: expect.stringContaining('-l app=web,tier!=test'),
        },
      ],
    })
    expect(asked).toHaveLength(1)
  })

  test('is not what was wrong without one, or further on', async () => {
    await expect(podsOf(reading(refused, refused, refused).reader)).rejects.toBe(refused)
    const later = reading(page([1], 'n'), refused, refused, refused)
    await expect(podsOf(later.reader, { selector: 'a=b' })).rejects.toBe(refused)
  })
})

test('metrics are those of a port of a pod, through the API server', async () => {
  const target = { namespace: 'shop', pod: 'web', port: 9798 }
  const path = await fleetOf(reading().reader, scope).metrics(target, new AbortController().signal)
  expect(path).toBe('/api/v1/namespaces/shop/pods/web:9798/proxy/metrics')
})

const deployment = (version?: string) => ({
  metadata: { labels: version === undefined ? {} : { 'app.kubernetes.io/version': version } },
})
test.each([
  ['as the chart labels it', { items: [deployment('1.2.3')] }, '1.2.3'],
  ['of several that agree', { items: [deployment('1.2.3'), deployment('1.2.3')] }, '1.2.3'],
  ['of several that do not', { items: [deployment('1.2.3'), deployment('1.3.0')] }, undefined],
  ['without a label', { items: [deployment()] }, undefined],
  ['where there is none', { items: [] }, undefined],
  ['that may not be seen', failing('ClusterForbidden'), undefined],
])('the version of the webhook, whatever it is called: %s', async (_, answer, version) => {
  const { asked, reader } = reading(answer)
  expect(await fleetOf(reader, scope).version()).toBe(version)
  expect(asked).toEqual([
    '/apis/apps/v1/namespaces/lanyard-system/deployments?labelSelector=app.kubernetes.io%2Fpart-of%3Dlanyard%2Capp.kubernetes.io%2Fcomponent%3Dwebhook',
  ])
})
