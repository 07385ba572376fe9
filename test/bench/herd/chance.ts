/**
 * The peak over the mean of bins that so many calls fall into by chance alone: what no schedule can better, and all that is
 * to be seen of one in a herd that is too small.
 */
export function chancePeak(calls: number, bins: number, random: () => number): number {
  const counts = new Uint32Array(bins)
  for (let call = 0; call < calls; call += 1) {
    const bin = Math.floor(bins * random())
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts.reduce((most, count) => Math.max(most, count), 0) / (calls / bins)
}
