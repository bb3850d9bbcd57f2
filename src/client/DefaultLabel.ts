/**
 * What a holder is called that was given no name: whose process it is, on which machine, and which one. Where the
 * system does not know the name of the user, as in a container that runs under a bare number, the number stands for it.
 */
import { hostname, userInfo } from "node:os"

/** `ann@web1`: of whoever calls, for what outlives a process. */
export const userLabel = (): string => labelOf(userName(), hostname())

/** `ann@web1 pid 2271`. */
export const processLabel = (): string => `${userLabel()} pid ${process.pid}`

const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`
  }
}

/** Of 128 bytes at the most, and the process comes behind it. No character is cut in two. */
export const labelOf = (user: string, host: string): string => {
  const text = `${user}@${host}`
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytesMax))
  return text.slice(0, read)
}

const bytesMax = 100
