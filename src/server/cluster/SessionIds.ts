/**
 * Session ids: 128 random bits that prove who asks. They are handed to their client and kept nowhere;
 * the cluster knows their SHA-256.
 */
import { Effect, Redacted } from "effect"
import type { SecureRandom } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import { hash } from "node:crypto"
import type { SessionId } from "../../api/Fields.ts"
import { SessionHash } from "../../lock/Identifiers.ts"

const idBytes = 16

export const mintSession = (random: SecureRandom.SecureRandom["Service"]): Effect.Effect<SessionId> =>
  Effect.map(random.randomBytes(idBytes), (bytes) => Redacted.make(Base64Url.encode(bytes)))

/** Of any text: a malformed id is the id of no session. */
export const hashOf = (id: SessionId): SessionHash => SessionHash.make(hash("sha256", Redacted.value(id), "base64url"))
