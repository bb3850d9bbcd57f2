/**
 * CRC-32 (the polynomial of IEEE 802.3) of bytes that come in parts: `crc32(b, crc32(a))` is that of `a` and then `b`.
 *
 * It notices every flipped bit and every burst of up to 32, and so guards against accidents; against malice it does
 * nothing. It is written out here because this layer imports nothing of the machine, and takes eight bytes at a time
 * (Kounavis and Berry, 2005: "slicing-by-8") because a node that starts has a hundred megabytes to check.
 */
export const crc32 = (bytes: Uint8Array, before = 0): number => {
  const end = bytes.length - bytes.length % 8
  let rest = ~before
  let at = 0
  for (; at < end; at += 8) {
    rest ^= bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24
    rest = slices[0x700 | rest & 0xff]! ^ slices[0x600 | rest >>> 8 & 0xff]! ^
      slices[0x500 | rest >>> 16 & 0xff]! ^ slices[0x400 | rest >>> 24]! ^
      slices[0x300 | bytes[at + 4]!]! ^ slices[0x200 | bytes[at + 5]!]! ^
      slices[0x100 | bytes[at + 6]!]! ^ slices[bytes[at + 7]!]!
  }
  for (; at < bytes.length; at++) rest = slices[(rest ^ bytes[at]!) & 0xff]! ^ (rest >>> 8)
  return ~rest >>> 0
}

const polynomial = 0xedb8_8320

const remainderOf = (byte: number): number => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? polynomial ^ (rest >>> 1) : rest >>> 1
  return rest
}

/** At 256 n + b, what is left of the byte b when n bytes of zeros have followed it. */
const slices = new Int32Array(0x800)
for (let byte = 0; byte < 0x100; byte++) slices[byte] = remainderOf(byte)
for (let at = 0x100; at < 0x800; at++) {
  const shorter = slices[at - 0x100]!
  slices[at] = slices[shorter & 0xff]! ^ (shorter >>> 8)
}
