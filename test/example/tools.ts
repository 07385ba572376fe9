import { existsSync } from 'node:fs'

/** Debian's. */
export const CHROMIUM = '/usr/bin/chromium'

/** Debian's libfaketime, on amd64 and arm64. */
export const FAKETIME = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path))
