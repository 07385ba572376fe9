import type { Request } from 'express'
import { Refusal } from './refusal.ts'

export type Upload = { readonly csrf: string; readonly name: string; readonly bytes: Uint8Array }

/** The largest file, bytes. It is read into memory, so it is small. */
export const MOST_BYTES = 1_048_576
const LONGEST_NAME = 150

/** The form, which express.raw has read. Throws a {@link Refusal} where it is none, or has no file with a usable name. */
export async function readUpload(request: Request): Promise<Upload> {
  const form = await parseForm(request)
  const [csrf, file] = [form.get('csrf'), form.get('file')]
  if (!(file instanceof File) || file.name === '') throw new Refusal('app', 'NoFileChosen', 400)
  if (file.size > MOST_BYTES) throw new Refusal('app', 'FileTooLarge', 413)
  return { csrf: typeof csrf === 'string' ? csrf : '', name: nameOf(file), bytes: await file.bytes() }
}

async function parseForm({ body, headers }: Request): Promise<FormData> {
  if (!Buffer.isBuffer(body)) throw new Refusal('app', 'FormInvalid', 400)
  try {
    const contentType = headers['content-type'] ?? ''
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  } catch {
    throw new Refusal('app', 'FormInvalid', 400)
  }
}

/** Some browsers send a path. What is left may not steer anything: neither S3 nor a browser that follows a link to it. */
function nameOf({ name }: File): string {
  const last = name.split(/[/\\]/).at(-1)?.normalize('NFC').trim() ?? ''
  if (last === '' || last === '.' || last === '..' || last.length > LONGEST_NAME || /\p{C}/u.test(last))
    throw new Refusal('app', 'FileNameInvalid', 400)
  return last
}
