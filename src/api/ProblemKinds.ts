/**
 * Which problems there are, and how each of them is told over HTTP.
 */
/** Every problem: the slug of its `type`, its HTTP status, and its title. */
export const problems = {
  "lock-held": { status: 409, title: "The lock is held" },
  "wait-timeout": { status: 409, title: "The wait is over" },
  "mode-conflict": { status: 409, title: "The lock is used in another way" },
  "not-holder": { status: 409, title: "Not the holder" },
  "request-stale": { status: 409, title: "The request is out of date" },
  "change-in-progress": { status: 409, title: "The cluster is changing" },
  "change-refused": { status: 409, title: "The cluster cannot be changed so" },
  "session-expired": { status: 404, title: "The session is gone" },
  "overloaded": { status: 429, title: "Too many requests" },
  "no-leader": { status: 503, title: "No leader" },
  "outcome-unknown": { status: 504, title: "The outcome is unknown" },
  "invalid-request": { status: 400, title: "The request is not valid" },
  "not-found": { status: 404, title: "Nothing is here" },
  "method-not-allowed": { status: 405, title: "Not with this method" },
  "too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "Not JSON" },
  "forbidden-origin": { status: 403, title: "Not from this origin" },
  "snapshot-failed": { status: 500, title: "No snapshot" },
  "internal-error": { status: 500, title: "A defect of this node" }
} as const

export type Slug = keyof typeof problems
