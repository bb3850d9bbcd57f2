/**
 * A signal that looks at the clock whenever it is asked whether it has aborted, so that the answer does not depend on a
 * timer having run.
 */
export const looking = (signal: AbortSignal, look: () => void): AbortSignal =>
  Object.defineProperty(signal, "aborted", {
    get: () => {
      look()
      return aborted.call(signal)
    }
  })

const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted")!.get! as (
  this: AbortSignal
) => boolean
