/**
 * Why a file could not be used, in the words of the system: `ENOENT: no such file or directory, open 'x'`.
 */
import type { PlatformError } from "effect"

export const fileFault = ({ message, reason: { cause } }: PlatformError.PlatformError): string =>
  cause instanceof Error ? cause.message : message
