/**
 * Why an acquire was refused, as its caller is told.
 */
import { InvalidRequest, OutcomeUnknown, Overloaded } from "../../api/Problems.ts"
import type { Problem } from "../../api/rpc/Conversation.ts"
import { type AcquireError, Unavailable } from "../ClientErrors.ts"

/** What a node says, in the words of the client's options. */
export const errorOf = (refusal: Problem | Unavailable): AcquireError => {
  switch (refusal._tag) {
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

export const unavailable = () =>
  new Unavailable({ message: "no node has answered in time: nothing is held, and whatever was asked is withdrawn" })
