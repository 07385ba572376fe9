import { alertsPage, RUNBOOKS, runbookPages } from './alerts.ts'
import { annotationsPage } from './annotations.ts'
import { chartPages } from './chart.ts'
import { codesPage } from './codes.ts'
import { commandsPage } from './commands.ts'
import { COMPATIBILITY, compatibilityPage } from './compatibility.ts'
import { DASHBOARD, dashboardPage } from './dashboard.ts'
import { endpointPage } from './endpoint.ts'
import { errorsPage } from './errors.ts'
import { FIELDS, identityProvidersPage } from './identityProviders.ts'
import { metricsPage } from './metrics.ts'
import { PERFORMANCE, performancePage } from './performance.ts'
import { roomsPage } from './rooms.ts'
import { schemaPage } from './schema.ts'
import { settingsPage } from './settings.ts'
import { SIZING, sizingPage } from './sizing.ts'

/** Where the pages of the reference are: nothing else is there. */
export const REFERENCE = 'docs/reference'
/** The folders in which nothing but generated pages is. */
export const GENERATED = [REFERENCE, RUNBOOKS] as const

/** Every page by its path from the root of the checkout, as the code would have it today. */
export async function makePages(root: string): Promise<ReadonlyMap<string, string>> {
  const reference: readonly (readonly [string, string])[] = [
    ['alerts.md', alertsPage(root)],
    ['annotations.md', annotationsPage()],
    ['codes.md', codesPage()],
    ['commands.md', await commandsPage(root)],
    ['config.schema.json', schemaPage()],
    ['endpoint.md', endpointPage()],
    ['errors.md', errorsPage()],
    [FIELDS, identityProvidersPage()],
    ['metrics.md', metricsPage()],
    ['rooms.md', roomsPage()],
    ['settings.md', settingsPage()],
  ]
  return new Map([
    ...reference.map(([name, text]) => [`${REFERENCE}/${name}`, text] as const),
    ...runbookPages(root),
    ...chartPages(root),
    [COMPATIBILITY, compatibilityPage(root)],
    [DASHBOARD, dashboardPage()],
    [PERFORMANCE, performancePage(root)],
    [SIZING, await sizingPage(root)],
  ])
}
