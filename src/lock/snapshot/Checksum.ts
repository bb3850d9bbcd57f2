/**
 * CRC-32 (the polynomial of IEEE 802.3) of bytes that come in parts: `crc32(b, crc32(a))` is that of `a` and then `b`.
 *
 * It notices every flipped bit and every burst of up to 32, and so guards against accidents; against malice it does
 * nothing. It is written out here because this layer imports nothing of the machine.
 */
export const crc32 = (bytes: Uint8Array, before = 0): number => {
  let rest = ~before
  for (let at = 0; at < bytes.length; at++) rest = table[(rest ^ bytes[at]!) & 0xff]! ^ (rest >>> 8)
  return ~rest >>> 0
}

const polynomial = 0xedb8_8320

const remainderOf = (byte: number): number => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? polynomial ^ (rest >>> 1) : rest >>> 1
  return rest
}

const table = Int32Array.from({ length: 0x100 }, (_, byte) => remainderOf(byte))
