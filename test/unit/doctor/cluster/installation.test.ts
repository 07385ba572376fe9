import { beforeAll, describe, expect, test } from 'vitest'
import { apiServer } from '../../../../src/doctor/cluster/checks/apiServer.ts'
import { configured, installed } from '../../../../src/doctor/cluster/checks/installed.ts'
import { rights } from '../../../../src/doctor/cluster/checks/rights.ts'
import { Failure } from '../../../../src/errors/index.ts'
import { bundles } from './ca.ts'
import { configMap, configuration, FORBIDDEN, failure, groundOf, look, PATHS, world } from './world.ts'

let good: string
beforeAll(async () => {
  good = (await bundles()).good
})

describe('the API server', () => {
  const versioned = (text: string) => groundOf(world(good, { [PATHS.version]: text })).ground

  test('is new enough', async () => {
    expect(await look(apiServer, groundOf(world(good)).ground)).toEqual([
      { verdict: 'ok', message: 'Kubernetes v1.36.3' },
    ])
  })

  test('is too old', async () => {
    await expect(look(apiServer, versioned('{"gitVersion":"v1.29.4"}'))).rejects.toThrow(/ServerVersionTooOld/)
  })

  test.each(['hello', '[]', '{"gitVersion":7}'])('says no version: %s', async (text) => {
    expect(await look(apiServer, versioned(text))).toMatchObject([{ verdict: 'fail', code: 'ClusterAnswerInvalid' }])
  })

  test('does not know who asks', async () => {
    const things = world(good, { [PATHS.version]: failure('ClusterForbidden', 'get: HTTP 401: Unauthorized') })
    await expect(look(apiServer, groundOf(things).ground)).rejects.toThrow(/ClusterConfigurationMissing.*Log in again/)
  })

  test('does not answer, or not him', async () => {
    for (const code of ['ClusterUnreachable', 'ClusterForbidden'] as const)
      await expect(look(apiServer, groundOf(world(good, { [PATHS.version]: failure(code) })).ground)).rejects.toThrow(
        code,
      )
  })
})

describe('the rights of the caller', () => {
  const lacking = (...resources: string[]) =>
    groundOf(world(good), {
      creating: (_, object) => {
        const spec = object['spec'] as { resourceAttributes: { resource: string; subresource?: string } }
        const { resource, subresource } = spec.resourceAttributes
        const allowed = !resources.includes([resource, subresource].filter((part) => part).join('/'))
        return { status: 201, value: { status: { allowed } } }
      },
    })

  test('are all there', async () => {
    const { ground, asked } = lacking()
    expect(await look(rights, ground)).toEqual([])
    expect(asked.some(({ object }) => JSON.stringify(object ?? '').includes('secrets'))).toBe(false)
  })

  test('that he lacks are told by namespace, as somebody would give them', async () => {
    expect(await look(rights, lacking('mutatingwebhookconfigurations', 'pods/proxy', 'events').ground)).toEqual([
      {
        verdict: 'warn',
        code: 'RightsMissing',
        subject: 'the cluster',
        message: 'you may not list mutatingwebhookconfigurations.admissionregistration.k8s.io',
        fix: 'Ask for list mutatingwebhookconfigurations.admissionregistration.k8s.io by a ClusterRole, or let somebody run the doctor who has it.',
      },
      {
        verdict: 'warn',
        code: 'RightsMissing',
        subject: 'namespace shop',
        message: 'you may not get pods/proxy, list events',
        fix: 'Ask for get pods/proxy, list events by a Role in namespace shop, or let somebody run the doctor who has it.',
      },
    ])
  })

  test('to make pods do not matter without a dry run', async () => {
    const { ground, asked } = groundOf(world(good), { isDryRunAllowed: false })
    expect(await look(rights, ground)).toEqual([])
    expect(
      asked.some(({ object }) => JSON.stringify(object ?? '').includes('"create","group":"","resource":"pods"')),
    ).toBe(false)
  })

  test('are those of the whole cluster where all of it is looked at, and where the installation cannot be seen', async () => {
    const { ground } = groundOf(world(good, { [PATHS.configurations]: FORBIDDEN }), {
      target: '',
      namespace: '',
      creating: () => ({ status: 403, value: {} }),
    })
    const [only, ...others] = await look(rights, ground)
    expect(others).toEqual([])
    expect(only?.message).toContain('list pods')
  })
})

describe('the installation', () => {
  test('is a webhook', async () => {
    expect(await look(installed, groundOf(world(good)).ground)).toEqual([
      { verdict: 'ok', message: 'the webhook lanyard-webhook in namespace lanyard-system' },
    ])
  })

  test('is a policy', async () => {
    const things = world(good, {
      [PATHS.configurations]: [],
      [PATHS.policies]: [{ metadata: { name: 'lanyard-injection' } }],
    })
    const { ground } = groundOf(things)
    expect(await look(installed, ground)).toEqual([
      { verdict: 'ok', message: 'the policy lanyard-injection, no webhook' },
    ])
    expect(await look(configured, ground)).toEqual([
      { verdict: 'ok', message: 'the policy has its settings in itself' },
    ])
  })

  test.each([
    ['none', []],
    ['another webhook', [{ metadata: { name: 'x' }, webhooks: [{ name: 'their.example.com' }] }]],
    ['an entry without a Service', [{ webhooks: [{ name: 'pods.lanyard.dev', clientConfig: { url: 'https://x' } }] }]],
  ])('is not there: %s', async (_, configurations) => {
    const things = world(good, {
      [PATHS.configurations]: configurations,
      [PATHS.policies]: failure('ClusterObjectMissing'),
    })
    expect(await look(installed, groundOf(things).ground)).toMatchObject([{ verdict: 'fail', code: 'WebhookMissing' }])
  })

  test('of several is the one of the namespace that was named, else the first', async () => {
    const other = JSON.parse(JSON.stringify(configuration(good)).replaceAll('lanyard-system', 'other'))
    for (const [configurations, where] of [
      [[other, configuration(good)], 'lanyard-system'],
      [[other], 'other'],
    ] as const) {
      const { ground } = groundOf(world(good, { [PATHS.configurations]: configurations }))
      expect((await ground.installation())?.namespace).toBe(where)
    }
  })

  test('what is answered to the list of policies otherwise is not "none"', async () => {
    const things = world(good, { [PATHS.configurations]: [], [PATHS.policies]: failure('ClusterUnreachable') })
    await expect(look(installed, groundOf(things).ground)).rejects.toThrow(Failure)
  })
})

describe('the configuration', () => {
  const withConfig = (settings: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    groundOf(world(good, { [PATHS.config]: configMap(settings), ...more })).ground

  test('is read, with the version that is deployed', async () => {
    const { ground } = groundOf(world(good))
    expect(await look(configured, ground)).toEqual([
      { verdict: 'ok', message: 'Lanyard 0.1.0; this doctor is 9.9.9, and may decide otherwise' },
    ])
    expect((await ground.configuration())?.config['aws.region']).toBe('eu-west-1')
  })

  test('is wrong', async () => {
    await expect(look(configured, withConfig({ 'aws.regoin': 'x' }))).rejects.toThrow(/SettingUnknown/)
  })

  test.each([
    ['no ConfigMap', undefined],
    ['no file in it', { data: { other: 'x' } }],
  ])('is not there: %s', async (_, object) => {
    const { ground } = groundOf(world(good, { [PATHS.config]: object }))
    await expect(look(configured, ground)).rejects.toThrow(
      /ClusterObjectMissing: ConfigMap lanyard-system\/lanyard-webhook/,
    )
  })

  test('is of the doctor’s own version where the Deployment may not be seen', async () => {
    expect((await withConfig({}, { [PATHS.deployment]: FORBIDDEN }).configuration())?.version).toBe('9.9.9')
    await expect(withConfig({}, { [PATHS.deployment]: failure('ClusterUnreachable') }).configuration()).rejects.toThrow(
      Failure,
    )
  })

  test('asks for entries that are not there', async () => {
    const [entry] = configuration(good)['webhooks'] as object[]
    const things = { [PATHS.configurations]: [{ ...configuration(good), webhooks: [entry] }] }
    expect(await look(configured, withConfig({ 'compatibility.eks': true }, things))).toMatchObject([
      { verdict: 'fail', code: 'WebhookMissing', subject: 'defaults.lanyard.dev' },
      { verdict: 'fail', code: 'WebhookMissing', subject: 'eks.lanyard.dev' },
      { verdict: 'ok' },
    ])
    expect(await look(configured, withConfig({ 'sources.enabled': false }, things))).toHaveLength(1)
  })

  describe('with required permission', () => {
    const guarded = (guards: unknown) => withConfig({ 'permission.mode': 'required' }, { [PATHS.guards]: guards })
    const all = ['pods', 'tokens', 'updates', 'debugging', 'sessions'].map((name) => ({
      metadata: { name: `lanyard-guard-${name}` },
    }))

    test('has its guard', async () => {
      expect(await look(configured, guarded(all))).toEqual([
        { verdict: 'ok', message: 'Lanyard 0.1.0; this doctor is 9.9.9, and may decide otherwise' },
      ])
    })

    test('lacks a part of it', async () => {
      expect(await look(configured, guarded(all.slice(1)))).toMatchObject([
        {
          verdict: 'warn',
          code: 'GuardMissing',
          message: expect.stringContaining('-guard-pods'),
          fix: expect.stringContaining('guard.enabled'),
        },
        { verdict: 'ok' },
      ])
    })

    test('may not be looked at, or does not answer', async () => {
      expect(await look(configured, guarded(FORBIDDEN))).toHaveLength(1)
      await expect(look(configured, guarded(failure('ClusterUnreachable')))).rejects.toThrow(Failure)
    })
  })

  describe('with authorities of STS', () => {
    const deployment = (volumes: unknown) => ({
      metadata: { labels: { 'app.kubernetes.io/version': '0.1.0' } },
      spec: {
        template: {
          spec: {
            containers: [
              {
                volumeMounts: [{ name: 'other', mountPath: '/etc' }, { name: 'config', mountPath: '/etc/lanyard' }, {}],
              },
            ],
            volumes,
          },
        },
      },
    })
    const caOf = async (volumes: unknown) => {
      const ground = withConfig(
        { 'aws.stsCaFile': '/etc/lanyard/sts/ca.crt' },
        {
          [PATHS.deployment]: deployment(volumes),
          '/api/v1/namespaces/lanyard-system/configmaps/ca': { data: { 'ca.crt': ' PEM \n', 'sts/ca.crt': 'direct' } },
        },
      )
      return (await ground.configuration())?.stsCa
    }

    test('reads them from the ConfigMap that is mounted there', async () => {
      const items = [{ key: 'ca.crt', path: 'sts/ca.crt' }]
      expect(
        await caOf([
          { name: 'config', projected: { sources: [{ secret: {} }, { configMap: { name: 'ca', items } }] } },
        ]),
      ).toBe('PEM')
      expect(await caOf([{ name: 'config', configMap: { name: 'ca' } }])).toBe('direct')
    })

    test.each([
      ['a Secret', [{ name: 'config', secret: { secretName: 'x' } }]],
      ['another key', [{ name: 'config', configMap: { name: 'ca', items: [{ key: 'a', path: 'b' }] } }]],
      ['no volume', []],
    ])('knows none where there is %s', async (_, volumes) => {
      expect(await caOf(volumes)).toBeUndefined()
    })
  })
})
