/**
 * Makes a request target readable for the router, which takes `;` and `#` for the start of a query, takes raw bytes
 * for Latin-1, and finds nothing where the percent-encoding is broken.
 *
 * What was broken becomes `%00`, and no name, session, cursor or page accepts a NUL: so each field refuses it in its
 * own way. A target that was in order is returned as it is.
 */

/** `target` is a path with or without a query, one character for each byte, as Node gives it. */
export const readable = (target: string): string => {
  if (!needsCare.test(target)) return target
  const queryAt = target.indexOf("?")
  const path = queryAt === -1 ? target : target.slice(0, queryAt)
  const query = queryAt === -1 ? "" : target.slice(queryAt)
  return readablePart(path, notOfPath, segmentOfPath) + readablePart(query, notOfQuery, partOfQuery)
}

const needsCare = /[%;#\x80-\xff]/
// RFC 3986 §3.3 has `;` as a character of a path like any other.
const notOfPath = /[;#\x80-\xff]/g
const notOfQuery = /[#\x80-\xff]/g
const segmentOfPath = /[^/]+/g
const partOfQuery = /[^?&=]+/g

const readablePart = (text: string, foreign: RegExp, part: RegExp) =>
  text.replace(foreign, percentEncode).replace(part, (encoded) => (decodes(encoded) ? encoded : "%00"))

const percentEncode = (byte: string) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`

const decodes = (encoded: string): boolean => {
  if (!encoded.includes("%")) return true
  try {
    return decodeURIComponent(encoded) !== ""
  } catch {
    return false
  }
}
