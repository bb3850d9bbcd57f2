/**
 * Whether the operations of a conversation keep the limits of this node, told in the same words as over HTTP.
 */
import { Schema } from "effect"
import { type Field, makeFields, makeSentences } from "../../api/Fields.ts"
import type { Limits } from "../../api/Limits.ts"
import { InvalidRequest } from "../../api/Problems.ts"
import type { Acquire, Operation } from "../../api/rpc/Conversation.ts"

export type Check = (operation: Operation) => InvalidRequest | null

export const make = (limits: Limits): Check => {
  const fields = makeFields(limits)
  const sentences = makeSentences(limits)
  const isLabel = Schema.is(fields.label)
  const isOwner = ofText(fields.owner, limits.ownerBytesMax)
  const isValue = ofText(fields.value, limits.valueBytesMax)
  const isName = ofText(fields.name, limits.nameBytesMax)
  const refuse = (field: Field) => new InvalidRequest({ field, detail: `\`${field}\` must be ${sentences[field]}.` })

  const wrongInAcquire = (acquire: Acquire): Field | null => {
    const { lock, lockDelayMs = 0, maxHoldMs = limits.maxHoldMillisMin, owner, value, waitMs } = acquire
    const { mode = "exclusive", permits = 1 } = acquire
    if (!isName(lock)) return "name"
    if (!isOwner(owner)) return "owner"
    if (!isWithin(waitMs, 0, limits.waitMillisMax)) return "waitMs"
    if (!isWithin(permits, 1, mode === "shared" ? 1 : limits.permitsMax)) return "permits"
    if (!isWithin(lockDelayMs, 0, limits.lockDelayMillisMax)) return "lockDelayMs"
    if (!isWithin(maxHoldMs, limits.maxHoldMillisMin, limits.maxHoldMillisMax)) return "maxHoldMs"
    return value === undefined || isValue(value) ? null : "value"
  }
  const wrong = (operation: Operation): Field | null => {
    switch (operation._tag) {
      case "Acquire":
        return wrongInAcquire(operation)
      case "Look":
        return isName(operation.lock) ? null : "name"
      case "Check":
        if (!isName(operation.lock)) return "name"
        return operation.token < 1 ? "token" : null
      case "Release":
        if (!isName(operation.lock)) return "name"
        if (!isOwner(operation.owner)) return "owner"
        return operation.token < 1 ? "token" : null
      case "OpenSession":
        if (!isWithin(operation.ttlMs, limits.ttlMillisMin, limits.ttlMillisMax)) return "ttlMs"
        return isLabel(operation.label) ? null : "label"
      default:
        return null
    }
  }
  return (operation) => {
    const field = wrong(operation)
    return field === null ? null : refuse(field)
  }
}

/** What the schema says of a text. Of most, which are short and plain, a glance tells that it would say yes. */
const ofText = (schema: Schema.Codec<string>, bytesMax: number): (text: string) => boolean => {
  const isValid = Schema.is(schema)
  return (text) => isPlain(text, bytesMax) || isValid(text)
}

/** Three or more characters of ASCII that can be seen, and no more than may be: no rule for texts refuses that. */
const isPlain = (text: string, lengthMax: number): boolean => {
  if (text.length < 3 || text.length > lengthMax) return false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x20 || unit > 0x7e) return false
  }
  return true
}

const isWithin = (value: number, minimum: number, maximum: number): boolean => value >= minimum && value <= maximum
