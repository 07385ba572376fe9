import type { FigureRow } from '../figures.ts'

const part = (about: string): FigureRow => ({ about, unit: 's' })

export const POD_FIGURES = {
  'pod.added': {
    about: "added, create → the app's first line",
    unit: 's',
    goal: { most: 0.3 },
    gap: 'about 0.13 s of it are a second container, which kubelet and the container runtime make, and 0.07 s a step of kubelet; the rest are the start of Node, STS, and a second Node that waits for them',
  },
  'pod.added.review': part("of that: the webhook's review"),
  'pod.added.listening': part('of that: until the sidecar listens'),
  'pod.added.credentials': part('of that: until it has credentials'),
  'pod.added.app': part("of that: until the app's first line"),
  'pod.with': part("create → the app's first line, with"),
  'pod.without': part("create → the app's first line, without"),
  'pod.added.probe': part('added with a startup probe as the gate'),
} as const satisfies Record<string, FigureRow>
