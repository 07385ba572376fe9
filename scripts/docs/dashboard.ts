import { datasource, layPanels } from './dashboardModel.ts'
import { rows } from './dashboardPanels.ts'

/** Where the dashboard is, from the root of the checkout. */
export const DASHBOARD = 'charts/lanyard/files/dashboard.json'

const source = {
  name: 'datasource',
  label: 'Prometheus',
  type: 'datasource',
  query: 'prometheus',
  current: {},
  hide: 0,
  refresh: 1,
  regex: '',
}

const SESSIONS = 'label_values(namespace:lanyard_sessions:count, namespace)'

const namespace = {
  name: 'namespace',
  label: 'Namespace of the pods',
  type: 'query',
  datasource,
  definition: SESSIONS,
  query: { qryType: 1, query: SESSIONS, refId: 'namespace' },
  current: { selected: true, text: ['All'], value: ['$__all'] },
  includeAll: true,
  allValue: '.*',
  multi: true,
  hide: 0,
  refresh: 2,
  regex: '',
  sort: 1,
}

/** The dashboard as Grafana 10 and later read it from a ConfigMap; it draws the series that the rules record. */
const dashboard = {
  uid: 'lanyard',
  title: 'Lanyard',
  description: 'AWS credentials of pods. It needs the recorded series of the rules that come with the chart.',
  tags: ['lanyard', 'aws'],
  schemaVersion: 39,
  version: 1,
  editable: true,
  graphTooltip: 1,
  refresh: '1m',
  time: { from: 'now-6h', to: 'now' },
  timezone: 'browser',
  annotations: { list: [] },
  links: [],
  templating: { list: [source, namespace] },
  panels: layPanels(rows),
}

/** charts/lanyard/files/dashboard.json. */
export const dashboardPage = (): string => `${JSON.stringify(dashboard, null, 2)}\n`
