/**
 * What a process is told at its start, declared once: by a key of the configuration file, a variable or a flag, whose
 * spellings follow from the key (`tls.certFile`, `LANYARD_TLS_CERT_FILE`, `--tls-cert-file`).
 */
import { brokerSettings } from './brokerSettings.ts'
import type { ProcessSetting, ValuesOf } from './processSetting.ts'
import { sidecarSettings } from './sidecarSettings.ts'
import { webhookSettings } from './webhookSettings.ts'

export const processSettings = { webhook: webhookSettings, sidecar: sidecarSettings, broker: brokerSettings }

type Tables = typeof processSettings
export type ProcessName = keyof Tables
export type WebhookKey = keyof Tables['webhook']

/** The validated configuration of a command, by the settings' keys. */
export type ConfigOf<P extends ProcessName> = ValuesOf<Tables[P]>

const separated = (key: string, by: string): string => key.replace(/([a-z])([A-Z])/g, '$1.$2').replaceAll('.', by)

/** `tls.certFile` → `LANYARD_TLS_CERT_FILE` */
export const variableOf = (key: string): string => `LANYARD_${separated(key, '_').toUpperCase()}`
/** `tls.certFile` → `tls-cert-file` */
export const flagOf = (key: string): string => separated(key, '-').toLowerCase()

export const settingsOf = (process: ProcessName): readonly (readonly [string, ProcessSetting])[] =>
  Object.entries(processSettings[process])
