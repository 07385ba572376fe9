import { annotationsPage } from './annotations.ts'
import { commandsPage } from './commands.ts'
import { errorsPage } from './errors.ts'
import { metricsPage } from './metrics.ts'
import { roomsPage } from './rooms.ts'
import { schemaPage } from './schema.ts'
import { settingsPage } from './settings.ts'

/** Where the pages are, from the root of the checkout. */
export const REFERENCE = 'docs/reference'

/** Every page of the reference by its file name, as the code would have it today. */
export async function makePages(root: string): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['annotations.md', annotationsPage()],
    ['commands.md', await commandsPage(root)],
    ['config.schema.json', schemaPage()],
    ['errors.md', errorsPage()],
    ['metrics.md', metricsPage()],
    ['rooms.md', roomsPage()],
    ['settings.md', settingsPage()],
  ])
}
