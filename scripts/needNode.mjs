// Plain JavaScript on purpose: an older Node must be able to read this file and say what is wrong.
const oldest = [22, 19]
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  process.stderr.write(
    `Lanyard's scripts need Node ${oldest.join('.')} or newer but run on ${process.versions.node}: the npm package "node" ` +
      'brings Node 24 by its install script, so allow it and install again (npm ci --ignore-scripts=false), ' +
      'or put a newer Node first on PATH.\n',
  )
  process.exit(1)
}
