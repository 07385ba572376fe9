/** All that the pure rooms know of the world beyond the language: how an attempt is given up. */
interface AbortSignal {
  readonly aborted: boolean
}

declare class AbortController {
  readonly signal: AbortSignal
  abort(): void
}
