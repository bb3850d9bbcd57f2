/**
 * The pages that the `type` of a problem leads to: what it means, and what to do.
 *
 * They are served by the node itself and load nothing from anywhere.
 */
import { Effect } from "effect"
import { HttpRouter, HttpServerRespondable, HttpServerResponse } from "effect/http"
import { NotFound, problems, type Slug } from "../../api/Problems.ts"

interface Page {
  readonly means: string
  readonly todo: string
}

const pages: Record<Slug, Page> = {
  "lock-held": {
    means: "Somebody holds the lock in a way that excludes this request, or others wait for it already, or its " +
      "lock-delay is not over. The request asked not to wait: waitMs is 0 or absent. Nothing was done.",
    todo: "Wait in the queue with waitMs, or try again later. holders shows who holds the lock."
  },
  "wait-timeout": {
    means: "The lock was not granted within waitMs. The request has left the queue, and will not be granted any more.",
    todo: "Ask again, with a longer waitMs if need be. That is a new place at the end of the queue."
  },
  "mode-conflict": {
    means: "A lock that is held or waited for keeps the limit of permits with which it began, and one owner of a " +
      "session asks for a lock in one mode only. mode and permits say what the lock has. Nothing was done.",
    todo: "Ask with the mode and permits that everybody uses for this lock, or with another owner."
  },
  "not-holder": {
    means:
      "No present grant of this lock has this session, owner and token: it was released already, it has expired, " +
      "or it never was. Nothing was released.",
    todo: "If the lock had expired, treat what was done under it since then as unprotected. Do not repeat the release."
  },
  "request-stale": {
    means:
      "The seq is at or below a seqDone that the session has sent, or belongs to another request. Nothing was done.",
    todo: "A late copy of an old request can be dropped. A new request takes a higher seq."
  },
  "change-in-progress": {
    means:
      "The cluster changes its members one at a time, and hands over its leadership in between. Another such change " +
      "is under way, or the leader is so new that its first entry is not committed yet. Nothing was done.",
    todo: "Look with GET /cluster/members, and send it again in a second. A change that waits for a majority ends as " +
      "soon as enough nodes run."
  },
  "change-refused": {
    means: "The change would do harm or could not be done; reason says which. last-voter: nobody would be left to " +
      "decide. already-member: a member has this name and another address. address-in-use: another member has this " +
      "address. not-a-voter: a learner cannot lead. unreachable: the leader has no connection to that node, or to " +
      "any other voter, or it is of a release that cannot take over. Nothing was done.",
    todo: "To move a node to another address, remove it first and add it again. A learner becomes a voter by itself " +
      "once it has caught up. GET /cluster/members shows who is what."
  },
  "session-expired": {
    means: "No living session has this id: its TTL ran out, it was ended, or the id is wrong. All that it held or " +
      "waited for ended with it.",
    todo: "Stop what the locks of this session protect. Then make a new session and acquire the locks again."
  },
  "overloaded": {
    means:
      "There is more to do, or more to remember, than the limits of the node or the session allow. Nothing was done.",
    todo: "Send it again after Retry-After. A client that uses seq should send seqDone, so that outcomes are forgotten."
  },
  "no-leader": {
    means: "The cluster has had no leader for too long: too few nodes run or reach each other. Nothing was done.",
    todo: "Send it again after Retry-After, to any node. GET /cluster/status of each node shows what it sees."
  },
  "outcome-unknown": {
    means:
      "The request may or may not take effect: the leader was lost, or this node stops, before the outcome was known.",
    todo:
      "Send the same request again with the same seq: it takes effect once, and this time the answer tells. Without " +
      "seq, look first (GET the lock, or GET /cluster/members). An acquire without a session cannot be repeated " +
      "safely; what it may have been granted ends within its TTL."
  },
  "invalid-request": {
    means: "A field of the request is missing, unknown, or not as it must be. field names it and detail says what is " +
      "allowed. Nothing was done.",
    todo: "Correct the field. /openapi.json describes every request."
  },
  "not-found": {
    means:
      "This node serves nothing at this path, or the cluster has no member of this name. A lock that nobody uses is " +
      "not missing: it is free, and GET shows it so.",
    todo: "Check the path; the name of a lock is percent-encoded in it, its slashes too. /openapi.json lists all paths."
  },
  "method-not-allowed": {
    means: "The path is right and the method is not.",
    todo: "Use one of the methods in the Allow header."
  },
  "too-large": {
    means: "The body of the request is longer than the node accepts. It was not read to its end. Nothing was done.",
    todo: "Keep value small: a lock carries a note about its holder, and no data."
  },
  "unsupported-media-type": {
    means: "The body is not marked as JSON. Nothing was done.",
    todo: "Send Content-Type: application/json (with curl: -H 'content-type: application/json')."
  },
  "forbidden-origin": {
    means: "A browser sent this request for a page of another origin, and such a page may not change anything here.",
    todo:
      "Call from a server, or from a page of this node that was opened under an IP address or as localhost. A name " +
      "is not believed: whoever owns one can point it here."
  },
  "snapshot-failed": {
    means:
      "The node asked could not write or read a snapshot of its state; detail says why. The node goes on, and no " +
      "earlier snapshot was touched.",
    todo: "Look at the node's disk and its log. Any other node can give a snapshot meanwhile."
  },
  "internal-error": {
    means: "The node has met a state that its authors thought impossible. It has logged what it knows of it.",
    todo: "Please report it, with the lines that the node logged at that time."
  }
}

export const route = {
  method: "GET",
  path: "/problems/:slug"
} as const

export const layer = HttpRouter.add(
  route.method,
  route.path,
  Effect.flatMap(
    HttpRouter.params,
    ({ slug = "" }) => isSlug(slug) ? Effect.succeed(show(slug)) : HttpServerRespondable.toResponse(new NotFound())
  )
)

const isSlug = (slug: string): slug is Slug => Object.hasOwn(pages, slug)

const show = (slug: Slug) =>
  HttpServerResponse.text(html(slug), {
    contentType: "text/html; charset=utf-8",
    headers: { "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'" }
  })

const html = (slug: Slug) =>
  `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${problems[slug].title} · Holdfast</title>
<style>
  :root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif }
  body { margin: 4rem auto; max-width: 38rem; padding: 0 1rem }
  code { opacity: .7 }
</style>
<p><code>${problems[slug].status} ${slug}</code>
<h1>${problems[slug].title}</h1>
<h2>What it means</h2>
<p>${pages[slug].means}
<h2>What to do</h2>
<p>${pages[slug].todo}
`
