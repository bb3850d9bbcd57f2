/**
 * Lengths of files for people, in the units of `ls -h`: `812 B`, `1.2 MiB`.
 */
export const size = (bytes: number): string => {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${units[power]}`
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"]
