/**
 * The `Lock-Token` header of a request: the fencing token of the lock that whoever sends it holds. What is wrong with
 * it is a problem of RFC 9457.
 */
/**
 * The name of the header that carries a token, as it is sent. Header names know no case.
 *
 * @example
 * ```ts
 * import { lockTokenHeader } from "holdfast/fencing"
 * import { createClient } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * await client.withLock("report", async ({ signal, token }) => {
 *   const request = new Request("http://127.0.0.1:3000/report", {
 *     method: "PUT",
 *     headers: { [lockTokenHeader]: `${token}` },
 *     signal
 *   })
 *   console.log(request.headers.get(lockTokenHeader))
 * })
 * ```
 */
export const lockTokenHeader = "Lock-Token"

/** The answer to a request that is not let through. */
export interface Refusal {
  readonly status: 400 | 412 | 428 | 500 | 503
  readonly title: string
  readonly detail: string
  /** The highest token seen, where there is a later one. */
  readonly highest?: number
}

export const missing: Refusal = {
  status: 428,
  title: "A lock token is needed",
  detail: `Acquire the lock, and send its token in the ${lockTokenHeader} header.`
}

export const malformed: Refusal = {
  status: 400,
  title: "Not a lock token",
  detail: `${lockTokenHeader} must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}.`
}

export const stale = (highest: number): Refusal => ({
  status: 412,
  title: "The lock token is out of date",
  detail: "A later holder of the lock has been here: the lock was lost. Nothing was done.",
  highest
})

export const invalid: Refusal = {
  status: 412,
  title: "The lock token is not of a present holder",
  detail: "The lock was lost or released. Nothing was done."
}

export const unchecked: Refusal = {
  status: 503,
  title: "The lock token could not be checked",
  detail: "The lock service did not answer. Nothing was done."
}

/** The middleware, or the `lock` that it was given, has thrown. */
export const defect: Refusal = {
  status: 500,
  title: "The lock token could not be looked at",
  detail: "This is a defect of the server. Nothing was done."
}

/**
 * The token in a header, or null: digits and nothing else, no sign, no fraction, no exponent.
 *
 * @example
 * ```ts
 * import { parseLockToken } from "holdfast/fencing"
 *
 * console.log(parseLockToken("33"), parseLockToken("+33"))
 * ```
 */
export const parseLockToken = (header: string): number | null => {
  const token = /^\d{1,16}$/.test(header) ? Number(header) : 0
  return token >= 1 && token <= Number.MAX_SAFE_INTEGER ? token : null
}
