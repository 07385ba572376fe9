import { describe, expect, it } from 'vitest'
import * as aws from '../../../../src/settings/kinds/aws.ts'
import * as kubernetes from '../../../../src/settings/kinds/kubernetes.ts'
import { long, proveKinds } from './truthTable.ts'

const ARN = 'arn:aws:iam::111122223333:role/app'

describe('kinds of kubernetes.ts', () => {
  proveKinds({
    containerNames: {
      kind: kubernetes.containerNames,
      good: [
        ['app', ['app']],
        [' app\n\tb-2 ', ['app', 'b-2']],
        [long(63), [long(63)]],
      ],
      bad: ['', '  ', 'App', 'a,b', 'a, b', 'a_b', '-a', 'a-', long(64), 'a a', 'a\u00a0b!'],
    },
    containerRoles: {
      kind: kubernetes.containerRoles,
      good: [
        [
          `app=${ARN}\nb=name`,
          new Map<string, unknown>([
            ['app', { arn: ARN }],
            ['b', { name: 'name' }],
          ]),
        ],
        ['app=a=b', new Map([['app', { name: 'a=b' }]])],
        ['app=a,b', new Map([['app', { name: 'a,b' }]])],
        [
          'app=x b=x',
          new Map([
            ['app', { name: 'x' }],
            ['b', { name: 'x' }],
          ]),
        ],
      ],
      bad: ['', 'app', '=x', 'app=', 'app= x', 'App=x', 'app=x app=y', `app:${ARN}`, 'app=a/b', `app=${ARN},b=${ARN}`],
    },
    audience: {
      kind: kubernetes.audience,
      good: ['sts.amazonaws.com', 'https://x/?y#z', '$(X)'],
      bad: ['', 'a b', 'å', 'a\n', long(256)],
    },
    quantity: {
      kind: kubernetes.quantity('cpu', '1'),
      good: ['1', '0.1', '.5', '1.', '100m', '1n', '64Mi', '1e3', '1E-2', '+1', '12E'],
      bad: [
        '',
        '0',
        '0m',
        '0.0',
        '-1',
        '1 ',
        '1mi',
        '1MB',
        'Mi',
        '.',
        '1..2',
        'e3',
        '1e',
        '1e100',
        'NaN',
        '0x1',
        '1,5',
        '9'.repeat(50),
      ],
    },
    image: {
      kind: kubernetes.image,
      good: [
        'a',
        'registry.example.com/lanyard:0.1.0',
        'localhost:5000/x',
        `a@sha256:${'0'.repeat(64)}`,
        `r.io/a:1@sha256:${'f'.repeat(64)}`,
      ],
      bad: ['', 'a b', '/a', 'a/', 'a:', 'A', 'a@sha256:123', 'a@md5:0', `a${long(600)}`, 'a\n', '$(X)'],
    },
    namePatterns: {
      kind: kubernetes.namePatterns,
      good: [
        ['', []],
        ['  ', []],
        ['linkerd-*', ['linkerd-*']],
        ['* a/b:1', ['*', 'a/b:1']],
      ],
      bad: ['a a', 'a$', '-a', 'a?', `a${long(600)}`],
    },
  })

  it('takes no pairs separated by commas for the name of a role, but its ARN as it is', () => {
    expect(kubernetes.containerRoles.parse('app=web,worker=batch')).toMatchObject({
      problem: expect.stringMatching(/^for app is .*; separate them by white space, not by commas$/),
    })
    const arn = `${ARN},b=c`
    expect(kubernetes.containerRoles.parse(`app=${arn}`)).toEqual({ ok: true, value: new Map([['app', { arn }]]) })
  })

  it('names what is twice, what is too many, which pair is wrong', () => {
    expect(kubernetes.containerNames.parse('a b a')).toMatchObject({ problem: 'names "a" twice' })
    expect(aws.sessionTags.parse('a=1 a=2')).toMatchObject({ problem: 'has a name twice' })
    expect(kubernetes.containerRoles.parse('app=not/the-arn-of-a-role')).toMatchObject({
      problem: 'for app is "not/the-arn-of-a-role", which must be the ARN of an IAM role',
    })
    expect(kubernetes.containerRoles.parse('Aa=b')).toMatchObject({
      problem: 'has the name "Aa", which must be a container name',
    })
  })
})
