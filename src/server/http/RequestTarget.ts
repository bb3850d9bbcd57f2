/**
 * Makes a request target readable for the router, which takes `;` and `#` for the start of a query, and finds nothing
 * where the percent-encoding is broken.
 *
 * What was broken becomes `%00`, and no name, session, cursor or page accepts a NUL: so each field refuses it in its
 * own way. A target that was in order is returned as it is.
 */

/** `target` is a path with or without a query. Node lets no byte above 0x7e into one. */
export const readable = (target: string): string => {
  if (!needsCare.test(target)) return target
  const queryAt = target.indexOf("?")
  const path = queryAt === -1 ? target : target.slice(0, queryAt)
  const query = queryAt === -1 ? "" : target.slice(queryAt)
  return path.replace(/;/g, "%3B").replace(/#/g, "%23").replace(/[^/]+/g, readablePart) +
    query.replace(/[^?&=]+/g, readablePart)
}

const needsCare = /[%;#]/

const readablePart = (encoded: string): string => {
  if (!encoded.includes("%")) return encoded
  try {
    decodeURIComponent(encoded)
    return encoded
  } catch {
    return "%00"
  }
}
