/** Short ways to write commands. What is left out is the plainest case: lock `l`, owner `""`, exclusive, no wait. */
import { FencingToken, LockName, RequestId, SessionHash } from "../../../src/lock/Identifiers.ts"
import type { Abandon, Acquire, LockCommand, Release } from "../../../src/lock/LockCommand.ts"

export const name = (lock: string) => LockName.make(lock)
export const token = (value: number) => FencingToken.make(value)

const who = (request: string, session: string) => ({
  request: RequestId.make(request),
  session: SessionHash.make(session)
})

export const open = (session: string, ttlMillis: number, request = `open ${session}`): LockCommand => ({
  _tag: "OpenSession",
  ...who(request, session),
  ttlMillis,
  label: session
})

export const renew = (session: string, request = `renew ${session}`): LockCommand => ({
  _tag: "RenewSession",
  ...who(request, session)
})

export const end = (session: string, request = `end ${session}`): LockCommand => ({
  _tag: "EndSession",
  ...who(request, session)
})

type AcquireOptions = Partial<Omit<Acquire, "_tag" | "request" | "session" | "lock">> & { readonly lock?: string }

export const acquire = (request: string, session: string, options: AcquireOptions = {}): Acquire => ({
  _tag: "Acquire",
  ...who(request, session),
  owner: "",
  mode: "exclusive",
  permits: 1,
  waitMillis: 0,
  lockDelayMillis: 0,
  ...options,
  lock: name(options.lock ?? "l")
})

/** An acquire that will wait for as long as any test lasts. */
export const queue = (request: string, session: string, options: AcquireOptions = {}): Acquire =>
  acquire(request, session, { waitMillis: 1_000_000, ...options })

/** An acquire without a session: it makes its own. */
export const mint = (request: string, session: string, options: AcquireOptions = {}): Acquire =>
  acquire(request, session, { mint: { ttlMillis: 1_000, label: session }, ...options })

type ReleaseOptions = Partial<Pick<Release, "owner" | "seq" | "seqDone">> & { readonly lock?: string }

export const release = (request: string, session: string, tokenOf: number, options: ReleaseOptions = {}): Release => ({
  _tag: "Release",
  ...who(request, session),
  ...options,
  token: token(tokenOf),
  lock: name(options.lock ?? "l")
})

export const abandon = (request: string, attempt: Acquire): Abandon => ({
  _tag: "Abandon",
  ...who(request, attempt.session),
  lock: attempt.lock,
  owner: attempt.owner,
  attempt: attempt.request
})

export const tick: LockCommand = { _tag: "Tick" }
