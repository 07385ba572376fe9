const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const

/** A duration in milliseconds as people say it: its two greatest units, and one alone from ten of it on. */
export function formatDuration(time: number): string {
  const seconds = Math.max(0, Math.floor(time / 1_000))
  const at = UNITS.findIndex(([, size]) => seconds >= size)
  const [unit, size] = UNITS[at] ?? ['s', 1]
  const count = Math.floor(seconds / size)
  const [lower, lowerSize] = UNITS[at + 1] ?? ['', 1]
  const rest = lower === '' || count >= 10 ? 0 : Math.floor((seconds % size) / lowerSize)
  return `${count}${unit}${rest === 0 ? '' : `${rest}${lower}`}`
}
