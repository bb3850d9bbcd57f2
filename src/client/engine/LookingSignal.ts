/**
 * A signal that looks at the clock whenever it is asked whether it has aborted, in whichever way, so that the answer
 * does not depend on a timer having run.
 */
export const looking = (signal: AbortSignal, look: () => void): AbortSignal => {
  const looked = <A>(answer: (this: AbortSignal) => A) => () => {
    look()
    return answer.call(signal)
  }
  return Object.defineProperties(signal, {
    aborted: { get: looked(aborted) },
    reason: { get: looked(reason) },
    throwIfAborted: { value: looked(throwIfAborted) }
  })
}

const { prototype } = AbortSignal
const getter = (name: "aborted" | "reason") => Object.getOwnPropertyDescriptor(prototype, name)!.get!
const aborted: () => boolean = getter("aborted")
const reason: () => unknown = getter("reason")
const { throwIfAborted } = prototype
