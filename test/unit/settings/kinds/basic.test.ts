import { describe, expect, it } from 'vitest'
import * as basic from '../../../../src/settings/kinds/basic.ts'
import { long, proveKinds } from './truthTable.ts'

describe('kinds of basic.ts', () => {
  proveKinds({
    flag: {
      kind: basic.flag,
      good: [
        ['true', true],
        ['false', false],
      ],
      bad: ['', 'True', 'yes', '1', 'true ', 'truefalse', 'null'],
    },
    integer: {
      kind: basic.integer(5, 300),
      good: [
        ['5', 5],
        ['300', 300],
        ['007', 7],
      ],
      bad: ['', '4', '301', '-5', '+5', '5.0', '5e1', '0x10', ' 5', '५', 'NaN', 'Infinity', '9'.repeat(400)],
    },
    port: {
      kind: basic.port,
      good: [
        ['1', 1],
        ['65535', 65_535],
      ],
      bad: ['0', '65536', '-1', 'http'],
    },
    unprivilegedPort: { kind: basic.unprivilegedPort, good: [['1024', 1024]], bad: ['1023', '80', '65536'] },
    duration: {
      kind: basic.duration('15m', '12h'),
      good: [
        ['15m', 900],
        ['900s', 900],
        ['1h', 3600],
        ['1h30m', 5400],
        ['1h0m1s', 3601],
        ['12h', 43_200],
        ['0h15m', 900],
      ],
      bad: [
        '',
        '0',
        '3600',
        '1',
        '14m59s',
        '12h1s',
        '1.5h',
        '1H',
        '1d',
        '30m1h',
        '1h1h',
        '1h 30m',
        '-1h',
        'h',
        '1hm',
        '9'.repeat(30),
        `${'9'.repeat(30)}h`,
      ],
    },
    durationFromZero: {
      kind: basic.duration('0s', '5m'),
      good: [
        ['0s', 0],
        ['0h', 0],
        ['5m', 300],
      ],
      bad: ['', '0', '301s'],
    },
    httpsUrl: {
      kind: basic.httpsUrl,
      good: [
        'https://sts.amazonaws.com',
        'https://a',
        'https://a.b-c:8443/x/y~_.',
        'https://[::1]:443/',
        'https://127.0.0.1',
        'https://A.Example',
      ],
      bad: [
        '',
        'http://a.b',
        'https://',
        'https:///x',
        'https://u@a.b',
        'https://u:p@a.b',
        'https://[:::::]',
        'https://999.1.1.1',
        'https://1.2.3.256/',
        'https://a.b?x',
        'https://a.b#x',
        'https://a b',
        'https://-a',
        'https://a.b:',
        'https://a.b:0',
        'https://a.b:65536',
        'https://a.b:99999',
        'https://a.b:443x',
        'https://a.b\n',
        'ftp://a',
        'HTTPS://a.b',
        'https://a.b/%2e',
        'https://a\\b',
        'https://☃',
        `https://${long(2048)}`,
      ],
    },
    filePath: {
      kind: basic.filePath,
      good: ['/etc/x', 'relative', '/with space', '/☃'],
      bad: ['', 'a\0b', long(4097)],
    },
  })

  it('points at a unit that is missing', () => {
    expect(basic.duration('15m', '12h').parse('3600')).toMatchObject({ problem: 'is "3600", without a unit (3600s?)' })
  })
})
