import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { fleetOf, type Reader } from '../../../src/status/index.ts'

const scope = { namespace: 'shop', selector: undefined, systemNamespace: 'lanyard-system' }
const failing = (code: 'ClusterForbidden' | 'ClusterAnswerInvalid' | 'ClusterUnreachable') =>
  new Failure({ code, field: 'Pods', message: 'get: HTTP 403: no' })

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
    expect(await podsOf(reading(undefined).reader)).toEqual([[]])
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

test('metrics are those of a port of a pod, through the API server', async () => {
  const target = { namespace: 'shop', pod: 'web', port: 9798 }
  const path = await fleetOf(reading().reader, scope).metrics(target, new AbortController().signal)
  expect(path).toBe('/api/v1/namespaces/shop/pods/web:9798/proxy/metrics')
})

test.each([
  ['as the chart labels it', { metadata: { labels: { 'app.kubernetes.io/version': '1.2.3' } } }, '1.2.3'],
  ['without a label', { metadata: {} }, undefined],
  ['where there is none', undefined, undefined],
  ['that may not be seen', failing('ClusterForbidden'), undefined],
])('the version of the webhook %s', async (_, answer, version) => {
  const { asked, reader } = reading(answer)
  expect(await fleetOf(reader, scope).version()).toBe(version)
  expect(asked).toEqual(['/apis/apps/v1/namespaces/lanyard-system/deployments/lanyard-webhook'])
})
