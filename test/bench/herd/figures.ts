import type { FigureRow } from '../figures.ts'

const peak = { unit: '×', of: '1/s' } as const

/** What 100,000 sidecars do together. Peaks are over the mean rate of the herd's calls of STS. */
export const herdFigures = {
  'herd.peakOverMean': {
    about: 'busiest minute after the first cycle, sessions of 1 h, over the mean',
    ...peak,
    goal: { most: 1.15 },
  },
  'herd.firstCycle': { about: 'busiest minute of the first cycle, over the mean', ...peak },
  'herd.afterOutage': {
    about: 'busiest minute after 20 minutes in which STS refuses, over the mean',
    ...peak,
    goal: { most: 4 },
  },
  'herd.afterOutage.second': { about: 'busiest second then', ...peak },
  'herd.afterOutage.later': { about: 'busiest minute from half an hour later on', ...peak },
  'herd.afterOutage.during': { about: 'busiest minute of the outage itself', ...peak },
  'herd.afterSilence': {
    about: 'busiest minute after 20 minutes in which STS is silent, over the mean',
    ...peak,
    goal: { most: 4 },
  },
  'herd.expired': { about: 'sidecars whose credentials ended in those two days', unit: '', goal: { most: 0 } },
  'herd.longestLack': { about: 'longest time that an app had none', unit: 's', goal: { most: 0 } },
  'herd.longestStart': { about: 'longest wait of a pod that starts in the outage, for its app', unit: 's' },
  'herd.mean': { about: 'mean rate of calls, sessions of 1 h', unit: '1/s' },
  'herd.calls': { about: 'calls in two days', unit: '' },
  'herd.callsPerCredentials': { about: 'calls for each credentials obtained, the outages included', unit: '' },
  'herd.fifteenMinutes': { about: 'busiest minute over the mean, sessions of 15 min', ...peak },
  'herd.twelveHours': { about: 'busiest minute over the mean, sessions of 12 h', ...peak },
  'herd.imds': { about: 'busiest minute over the mean, sessions of 1 h for IMDS', ...peak },
  'herd.coldOutage': {
    about: 'busiest minute after 20 minutes without STS that begin with the cluster, as nodes start pods',
    ...peak,
  },
  'herd.coldOutage.start': { about: "longest wait of a pod for its app then, from the outage's end", unit: 's' },
  'herd.coldOutage.inStep': { about: 'the same, all pods in step: busiest minute', ...peak },
  'herd.coldOutage.inStep.start': { about: 'the same, all pods in step: longest wait', unit: 's' },
  'herd.longOutage': { about: 'busiest minute after 2 h without STS, all credentials gone', ...peak },
  'herd.longOutage.lack': { about: 'longest time that an app had none then', unit: 's' },
  'herd.throttled.start': {
    about: 'last pod of a cold start, STS throttled to 1.5 times the mean, as nodes start pods',
    unit: 's',
  },
  'herd.throttled.start.calls': { about: 'calls for each credentials obtained then', unit: '' },
  'herd.throttled.inStep.start': { about: 'last pod, all in step', unit: 's' },
  'herd.throttled.expired': { about: 'share that ends after an outage of 20 min, STS throttled so', unit: '' },
  'herd.brownout.expired': { about: 'share that ends while four calls of five fail for 1 h', unit: '' },
} as const satisfies Record<string, FigureRow>

export type HerdFigureId = keyof typeof herdFigures
