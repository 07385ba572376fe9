/** All that the pure rooms know of the world beyond the language: how an attempt is given up. */
interface AbortSignal {
  readonly aborted: boolean
}

declare class AbortController {
  readonly signal: AbortSignal
  abort(): void
}

/** The URL Standard's parser, a pure function of its text. */
declare const URL: { canParse(text: string): boolean }
