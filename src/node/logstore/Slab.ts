/**
 * Keeps many small byte arrays in few large ones: an array of its own costs more than the bytes of most entries.
 *
 * What it returns is a copy, and never changes.
 */
const slabBytes = 65_536

/** Makes a function that copies bytes into the slab at hand. */
export const makeSlab = (): (bytes: Uint8Array) => Uint8Array => {
  let slab = new Uint8Array(0)
  let used = 0
  return (bytes) => {
    if (bytes.length > slab.length - used) {
      // A large one gets an array of its own and leaves the slab at hand to the small ones.
      if (bytes.length > slabBytes / 4) return bytes
      slab = new Uint8Array(slabBytes)
      used = 0
    }
    slab.set(bytes, used)
    // As `subarray` would, in half the time.
    const kept = new Uint8Array(slab.buffer, used, bytes.length)
    used += bytes.length
    return kept
  }
}
