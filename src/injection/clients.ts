import type { Container } from './types.ts'

type Version = readonly [number, number, number]
type Client = { readonly name: string; readonly image: RegExp; readonly oldest: Version }

/** Images that are an AWS client and say its version in their tag, with the first one that reads the token from a file. */
const CLIENTS: readonly Client[] = [
  { name: 'the AWS CLI', image: /(^|\/)aws-cli:v?(\d+)\.(\d+)\.(\d+)/, oldest: [2, 15, 0] },
]

/** Whether the image's tag says that its client cannot ask the sidecar. */
export function clientWarnings({ name, image = '' }: Container): string[] {
  return CLIENTS.flatMap((client) => {
    const found = client.image.exec(image)
    if (found === null) return []
    const version = found.slice(2, 5).map(Number)
    if (!isOlder(version, client.oldest)) return []
    const [is, needs] = [version.join('.'), client.oldest.join('.')]
    return [
      `container ${name}: its image has ${client.name} ${is}, which cannot read the token file; ${needs} can, and IMDS needs none`,
    ]
  })
}

function isOlder(version: readonly number[], than: Version): boolean {
  const at = than.findIndex((part, index) => part !== version[index])
  return at >= 0 && (version[at] ?? 0) < (than[at] ?? 0)
}
