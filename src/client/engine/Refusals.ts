/**
 * Why an acquire was refused, as its caller is told.
 */
import { InvalidRequest, LockHeld, OutcomeUnknown, Overloaded, WaitTimeout } from "../../api/Problems.ts"
import type { Problem } from "../../api/rpc/Conversation.ts"
import { type AcquireError, Unavailable } from "../ClientErrors.ts"
import { heldWords } from "../HeldWords.ts"

/** What a node says of this lock, in the words of the client's options. */
export const errorOf = (lock: string, refusal: Problem | Unavailable): AcquireError => {
  switch (refusal._tag) {
    case "LockHeld":
      return new LockHeld({ ...refusal, detail: heldWords(lock, refusal) })
    case "WaitTimeout":
      return new WaitTimeout({
        detail: `${JSON.stringify(lock)} was not granted within \`wait\`, and this acquire has left the queue`
      })
    case "NotHolder":
    case "RequestStale":
      return new OutcomeUnknown({})
    case "InvalidRequest": {
      const { detail, field } = refusal
      const option = field.replace(/Ms$/, "")
      return new InvalidRequest({ field: option, detail: detail.replace(`\`${field}\``, `\`${option}\``) })
    }
    default:
      return refusal
  }
}

export const full = () =>
  new Overloaded({ detail: "This client waits for as many answers as a node lets it wait for. Nothing was asked." })

export const closed = () => new Unavailable({ message: "the client has been closed" })

/** Of a lock, after these nodes were tried, each with what it had to say last. */
export const unavailable = (lock: string, tried: ReadonlyMap<string, string>) => {
  const nodes = [...tried].map(([address, why]) => `${address} (${why})`).join(", ")
  const where = nodes === "" ? "" : ` at ${nodes}`
  return new Unavailable({
    message: `${JSON.stringify(lock)}: no node has answered in time${where}; nothing is held, and whatever was asked ` +
      "is withdrawn"
  })
}
