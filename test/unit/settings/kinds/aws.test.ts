import { describe, expect, it } from 'vitest'
import * as aws from '../../../../src/settings/kinds/aws.ts'
import { distinct, long, proveKinds } from './truthTable.ts'

const ARN = 'arn:aws:iam::111122223333:role/app'
const POLICY_ARN = 'arn:aws:iam::aws:policy/ReadOnlyAccess'

describe('kinds of aws.ts', () => {
  proveKinds({
    roleArn: {
      kind: aws.roleArn,
      good: [
        ARN,
        'arn:aws-cn:iam::111122223333:role/a',
        'arn:aws-us-gov:iam::111122223333:role/p/q/a',
        'arn:aws:iam::111122223333:role/+=,.@_-',
        `arn:aws:iam::111122223333:role/${long(64)}`,
        'arn:aws:iam::111122223333:role/!p~/a',
        'arn:aws:iam:::role/app',
        'arn:aws:iam:::role/p/q/a',
        'arn:aws:iam::shop:role/app',
        'arn:aws:iam::RGW12345678901234567:role/app',
        'arn:aws:iam::01234567890abcdef01234567890abcd:role/app',
        'arn:minio:iam:::role/oxnUw3DAuQF1uggjXGxI2AmW8IA',
      ],
      bad: [
        'arn:aws-cn:iam:::role/app',
        'arn:aws-cn:iam::shop:role/app',
        'arn:minio:iam::111122223333:role/app',
        'arn:aws:iam::11112222333O:role/app',
        'arn:aws:iam::1111-2222-3333:role/app',
        `arn:aws:iam::${long(65)}:role/app`,
        '',
        'app',
        'arn:aws:iam::11112222333:role/app',
        'arn:aws:iam::1111222233334:role/app',
        'arn:aws:iam::111122223333:user/app',
        'arn:aws:sts::111122223333:assumed-role/a/b',
        'arn:aws:iam::111122223333:role/',
        'arn:aws:iam::111122223333:role/a b',
        `arn:aws:iam::111122223333:role/${long(65)}`,
        'arn:gcp:iam::111122223333:role/app',
        `${ARN}\n`,
        ` ${ARN}`,
        'arn:aws:iam::111122223333:role/å',
        'arn:aws:iam:eu-west-1:111122223333:role/app',
        `arn:aws:iam::111122223333:role/${long(2050)}/a`,
      ],
    },
    role: {
      kind: aws.role,
      good: [
        ['app', { name: 'app' }],
        ['+=,.@_-', { name: '+=,.@_-' }],
        [long(64), { name: long(64) }],
        [ARN, { arn: ARN }],
      ],
      bad: ['', long(65), 'a/b', 'a b', 'a:b', 'å', 'arn:aws:iam::1:role/app'],
    },
    roleChain: {
      kind: aws.roleChain,
      good: [
        [ARN, [ARN]],
        [`${ARN}\n\t${ARN}2`, [ARN, `${ARN}2`]],
      ],
      bad: ['', ' ', 'app', `${ARN} ${ARN}`, `${ARN},${ARN}`, distinct(6, (i) => `${ARN}${i}`)],
    },
    accountId: {
      kind: aws.accountId,
      good: ['111122223333', '000000000000'],
      bad: ['', '11112222333', '1111-2222-3333', '1.11122223333e11', '111122223333 '],
    },
    partition: {
      kind: aws.partition,
      good: ['aws', 'aws-cn', 'aws-us-gov', 'aws-iso-b'],
      bad: ['', 'aw', 'AWS', 'aws-', 'aws--cn', 'gcp', 'aws-cn:', `aws-${long(20)}`],
    },
    region: {
      kind: aws.region,
      good: ['eu-west-1', 'us-gov-west-1', 'cn-north-1', 'us-iso-east-1', 'ap-southeast-10', 'eusc-de-east-1'],
      bad: [
        '',
        'eu-west',
        'EU-WEST-1',
        'eu_west_1',
        'eu-west-1a',
        'global',
        'eu-west-1.evil.com',
        'x',
        'eu-west-1/',
        `eu-${long(60)}-1`,
      ],
    },
    rolePatterns: {
      kind: aws.rolePatterns,
      good: [
        ['arn:aws:iam::111122223333:role/team-*', ['arn:aws:iam::111122223333:role/team-*']],
        ['arn:aws:iam:::role/* arn:minio:iam:::role/*', ['arn:aws:iam:::role/*', 'arn:minio:iam:::role/*']],
        ['arn:aws:iam::shop:role/*', ['arn:aws:iam::shop:role/*']],
      ],
      bad: [
        'arn:aws:iam::11112222333:role/a',
        'arn:aws:iam::sh*:role/a',
        'arn:min*:iam:::role/a',
        'arn:aws-cn:iam:::role/a',
        '',
        '*',
        'arn:aws:iam::*:role/a',
        'arn:*:iam::111122223333:role/a',
        'arn:aws:iam::111122223333:*',
        'arn:aws:iam::111122223333:role/a?',
      ],
    },
    sessionName: {
      kind: aws.sessionNameTemplate,
      good: ['x', '{namespace}.{serviceaccount}.{pod}', '{container}{container}', 'a+=,.@_-b', long(256)],
      bad: [
        '',
        '{node}',
        '{pod',
        'pod}',
        '{}',
        '{{pod}}',
        '{pod }',
        'a b',
        'a:b',
        'a/b',
        'å',
        long(257),
        '{__proto__}',
        '{constructor}',
      ],
    },
    policyDocument: {
      kind: aws.policyDocument,
      good: ['{"Statement":[]}', ' {"Version":"2012-10-17",\n\t"Statement":{}}\r\n', '{"Statement":"é"}'],
      bad: [
        '',
        '{',
        'null',
        '"Statement"',
        '1',
        '[]',
        '["Statement"]',
        '{}',
        '{"statement":[]}',
        '{"Statement":"☃"}',
        '{"Statement":"\\u0000"}x',
        `{"Statement":"${long(2048)}"}`,
      ],
    },
    policyArns: {
      kind: aws.policyArns,
      good: [
        [POLICY_ARN, [POLICY_ARN]],
        [
          `${POLICY_ARN} arn:aws-cn:iam::111122223333:policy/a/b`,
          [POLICY_ARN, 'arn:aws-cn:iam::111122223333:policy/a/b'],
        ],
      ],
      bad: [
        '',
        'ReadOnlyAccess',
        ARN,
        `${POLICY_ARN} ${POLICY_ARN}`,
        distinct(11, (i) => `${POLICY_ARN}${i}`),
        'arn:aws:iam::policy/x',
      ],
    },
    externalId: {
      kind: aws.externalId,
      good: ['ab', 'a+=,.@:/-_9', long(1224)],
      bad: ['', 'a', 'a b', 'å!', long(1225), 'ab\n'],
    },
    sourceIdentity: {
      kind: aws.sourceIdentity,
      good: ['checkout', 'a@b'],
      bad: ['', 'a', 'aws:x', 'a b', long(65), 'a:b'],
    },
    sessionTags: {
      kind: aws.sessionTags,
      good: [
        [
          'team=checkout a=',
          new Map([
            ['team', 'checkout'],
            ['a', ''],
          ]),
        ],
        ['a=b=c', new Map([['a', 'b=c']])],
      ],
      bad: [
        '',
        'team',
        '=x',
        'aws:x=1',
        'a=1 a=2',
        `a=${long(257)}`,
        `${long(129)}=a`,
        'a=☃',
        distinct(51, (i) => `k${i}=v`),
      ],
    },
  })

  it.each(['customer 42 secret', 'x'])('an external ID is not repeated: %j', (text) => {
    expect(aws.externalId.parse(text)).toEqual({ ok: false, problem: 'is not one' })
  })
})
