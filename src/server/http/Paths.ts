/**
 * Which methods each path answers to: what a 405, an OPTIONS and the difference to a 404 need to know.
 *
 * It matches paths exactly as the router does that serves them.
 */
import { FindMyWay, type HttpRouter } from "effect/http"

export interface Route {
  readonly method: string
  readonly path: string
}

export interface Path {
  /** As it was declared, with the names of its parameters: never what a client has put there. */
  readonly path: string
  readonly methods: ReadonlyArray<string>
}

export type Paths = (target: string) => Path | undefined

/**
 * How a path is matched, here and where it is served. The router's own habits would make one lock of two: it folds
 * case, and takes `//` for `/`, which stands for the empty name. No parameter can be longer than Node lets a head be.
 */
export const routerConfig = {
  caseSensitive: true,
  ignoreDuplicateSlashes: false,
  ignoreTrailingSlash: false,
  maxParamLength: 16_384
}

export const makePaths = (routes: Iterable<Route>): Paths => {
  const byPath = Map.groupBy(routes, ({ path }) => path)
  const router = FindMyWay.make<Path>(routerConfig)
  for (const [path, here] of byPath) {
    router.on("GET", path as HttpRouter.PathInput, { path, methods: methodsOf(here) })
  }
  return (target) => router.find("GET", target)?.handler
}

const methodsOf = (routes: ReadonlyArray<Route>): ReadonlyArray<string> => {
  const methods = routes.map(({ method }) => method)
  return [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].toSorted()
}
