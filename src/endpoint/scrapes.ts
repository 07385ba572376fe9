import type { Instant, Milliseconds } from '../credentials/types.ts'

/** The text of the metrics, and its content type. */
export type Scrape = () => Promise<{ readonly contentType: string; readonly body: string }>

const FRESH: Milliseconds = 1_000

/** One text for all who scrape within a second, made once: whoever reaches the pod may scrape as often as he likes. */
export function scrapeAtMostOnceASecond(scrape: Scrape, now: () => Instant): Scrape {
  let last: { readonly at: Instant; readonly text: ReturnType<Scrape> } | undefined
  return () => {
    const age = last === undefined ? FRESH : now() - last.at
    // Where the clock was set back, nobody knows how old it is.
    if (last !== undefined && age >= 0 && age < FRESH) return last.text
    const made = { at: now(), text: scrape() }
    last = made
    made.text.catch(() => {
      if (last === made) last = undefined
    })
    return made.text
  }
}
