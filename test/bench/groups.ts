/** What figures are called whose ids begin with the same word, and how they are taken. */
export type Group = { readonly title: string; readonly how: string }

const groups: Readonly<Record<string, Group>> = {
  sidecar: {
    title: 'The sidecar',
    how: `The bundle and the flags of the image, run as the image's user, with STS answering by TLS on loopback. Ratios (×) are over
an empty \`node:http\` server which answers the same bytes, has no flag that saves anything, and is measured in turns with the
sidecar: what disturbs the machine disturbs both. The server has one processor, whoever asks has another. Memory is private
memory (\`Private_Dirty\` of \`/proc/PID/smaps_rollup\`), what each further pod costs a node; the rest of the resident memory
are pages of Node's own file, which all pods of a node share. Processor time is the kernel's account in nanoseconds
(\`/proc/PID/task/*/schedstat\`). Memory after requests is that of a sidecar which has become idle again. The hour of renewals
is one of a clock that is set ahead: ten renewals of credentials for 15 minutes.`,
  },
  webhook: {
    title: 'The webhook',
    how: `The bundle and the flags of the chart, on one processor, by TLS on connections that are kept. Ratios (×) are over an empty
\`node:https\` server which parses the same review and admits it, in the same rounds. Every pod is really injected.`,
  },
  herd: {
    title: 'A herd of 100,000 sidecars',
    how: `A simulation with a virtual clock: what decides when a sidecar turns to STS is the product's own code, and kubelet's start gate
and restart backoff are in it. Rates are those at STS, in bins of a minute.`,
  },
  pod: {
    title: "A pod's start",
    how: `On a real cluster, pods with Lanyard and without in turns, their image on the node: from the creation to the app's first line,
as the container runtime stamps it. The four parts of a start add up. With a kubelet before 1.36 each native sidecar waits for
kubelet's next look at all containers, up to a second more.`,
  },
  image: { title: 'The image', how: 'What the build puts on top of the base image.' },
}

/** Whoever has no entry is called as it is. */
export const groupOf = (id: string): Group & { readonly name: string } => {
  const [name = id] = id.split('.', 1)
  return { name, ...(groups[name] ?? { title: name, how: '' }) }
}
