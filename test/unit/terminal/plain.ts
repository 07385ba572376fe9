import type { Style } from '../../../src/terminal/style.ts'

const as = (text: string): string => text

/** No colours. */
export const plain: Style = { bold: as, dim: as, green: as, red: as, cyan: as }
