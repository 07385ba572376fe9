import { Failure } from '../../errors/index.ts'
import type { Login } from './logins.ts'
import { readOrFail } from './readFile.ts'
import type { SamlResponse, SourceParts } from './source.ts'

/** Where the keys of the pod's Secret are mounted. */
export type LoginFiles = { readonly usernameFile: string; readonly passwordFile: string }

const CODES = { missing: 'SamlLoginMissing', unreadable: 'SamlLoginMissing' } as const
const MOST = 1024

/**
 * What `ask` gets for the login, unless that was refused lately. Throws Failure SamlLoginMissing, SamlLoginRefused, and what
 * `ask` throws.
 */
export async function withLogin(
  { endpoint, ...files }: LoginFiles & { readonly endpoint: string },
  parts: Pick<SourceParts, 'read' | 'logins'>,
  signal: AbortSignal,
  ask: (login: Login) => Promise<SamlResponse>,
): Promise<SamlResponse> {
  const login = await readLogin(files, parts, signal)
  const shown = { ...login, endpoint }
  parts.logins?.check(shown)
  const onLoginRefused = (): void => parts.logins?.refused(shown)
  try {
    return { ...(await ask(login)), onLoginRefused }
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'SamlLoginRefused') onLoginRefused()
    throw thrown
  }
}

/** Reads the login anew, since a Secret may be changed. Throws Failure SamlLoginMissing. */
async function readLogin(
  { usernameFile, passwordFile }: LoginFiles,
  { read }: Pick<SourceParts, 'read'>,
  signal: AbortSignal,
): Promise<Login> {
  const [username, password] = await Promise.all(
    [usernameFile, passwordFile].map(async (path) => usable(await readOrFail(read, path, CODES, signal), path)),
  )
  return { username: username ?? '', password: password ?? '' }
}

/** One line: editors add its end. Control characters can be sent by neither Basic nor XML. */
function usable(content: string, path: string): string {
  const line = content.replace(/\r?\n$/, '')
  if (line !== '' && line.length <= MOST && !/[\p{Cc}\uFFFD]/u.test(line)) return line
  const problem = line === '' ? 'is empty' : `is not one line of at most ${MOST} characters`
  throw new Failure({ code: 'SamlLoginMissing', message: `${path} ${problem}` })
}
