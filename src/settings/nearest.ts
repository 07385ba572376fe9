/** The closest known spelling as the end of a message, `; did you mean "X"?`, or nothing where none is close. */
export function nearest(name: string, known: Iterable<string>): string {
  const written = name.slice(0, 100)
  let best = { spelling: '', distance: Math.max(2, Math.floor(written.length / 4)) + 1 }
  for (const spelling of known) {
    const distance = editDistance(written, spelling)
    if (distance < best.distance) best = { spelling, distance }
  }
  return best.spelling === '' ? '' : `; did you mean "${best.spelling}"?`
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
