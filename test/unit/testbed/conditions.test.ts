import { describe, expect, it } from 'vitest'
import { isLike, type Match, matchCondition } from '../../../src/testbed/sts/conditions.ts'

describe('isLike', () => {
  it.each<[value: string, pattern: string, expected: boolean]>([
    ['', '', true],
    ['', '*', true],
    ['a', '', false],
    ['abc', 'abc', true],
    ['abc', 'ab', false],
    ['abc', 'a*', true],
    ['abc', '*c', true],
    ['abc', '*b', false],
    ['abcabc', '*bc', true],
    ['abc', 'a?c', true],
    ['abc', 'a??c', false],
    ['abc', 'ab?*', true],
    ['a.c', 'a.c', true],
    ['abc', 'a.c', false],
    ['a\nb', 'a*b', true],
    ['😀', '?', true],
    ['a*c', 'a*c', true],
  ])('%j like %j', (value, pattern, expected) => {
    expect(isLike(value, pattern)).toBe(expected)
  })

  it('is not kept busy by many asterisks', () => {
    expect(isLike(`${'a'.repeat(2000)}b`, `${'*a'.repeat(500)}*c`)).toBe(false)
  })
})

describe('matchCondition', () => {
  const keys = new Map([
    ['arn', ['arn:aws:iam::111122223333:role/x/web']],
    ['tags', ['Team', 'Stage']],
    ['none', []],
  ])

  it.each<[title: string, condition: unknown, expected: Match]>([
    ['nothing', undefined, 'yes'],
    ['ArnLike', { ArnLike: { arn: 'arn:aws:iam::*:role/*' } }, 'yes'],
    ['ArnEquals with asterisks', { ArnEquals: { ARN: 'arn:*:iam::111122223333:role/x/*' } }, 'yes'],
    ['ArnLike across a colon', { ArnLike: { arn: 'arn:aws:*:role/x/web' } }, 'no'],
    ['ArnNotLike', { ArnNotLike: { arn: 'arn:aws:iam::*:role/y' } }, 'yes'],
    ['ArnNotEquals of itself', { ArnNotEquals: { arn: 'arn:aws:iam::111122223333:role/x/web' } }, 'no'],
    ['all of some', { 'ForAllValues:StringEquals': { tags: ['Team', 'Stage', 'More'] } }, 'yes'],
    ['all of too few', { 'ForAllValues:StringEquals': { tags: ['Team'] } }, 'no'],
    ['all of none there', { 'ForAllValues:StringEquals': { none: ['Team'] } }, 'yes'],
    ['any of some', { 'ForAnyValue:StringEquals': { tags: ['Team'] } }, 'yes'],
    ['any of others', { 'ForAnyValue:StringLike': { tags: ['X*'] } }, 'no'],
    ['all of not some, which is not decided', { 'ForAllValues:StringNotEquals': { tags: ['X'] } }, 'unknown'],
    ['if it exists, and it does not', { StringEqualsIfExists: { none: 'x' } }, 'yes'],
    ['if it exists, and it does', { StringEqualsIfExists: { tags: 'x' } }, 'no'],
    ['there', { Null: { tags: 'false' } }, 'yes'],
    ['not there', { Null: { missing: true } }, 'yes'],
    ['not there, but it is', { Null: { tags: 'true' } }, 'no'],
    ['numbers', { NumericLessThan: { tags: '1' } }, 'unknown'],
    ['a number as value', { StringEquals: { tags: 1 } }, 'unknown'],
    ['no object', 'x', 'unknown'],
    ['no entries', { StringEquals: 'x' }, 'unknown'],
  ])('%s', (_title, condition, expected) => {
    expect(matchCondition(condition, keys)).toBe(expected)
  })
})
