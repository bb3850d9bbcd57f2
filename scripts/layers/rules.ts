/**
 * Who may import whom, as rules of dependency-cruiser. Imports go one way, from the command line down
 * to the two pure cores, and never round in a circle. Whatever is not named here is forbidden.
 */
import type { IForbiddenRuleType } from "dependency-cruiser"

interface Layer {
  readonly name: string
  /** Patterns of what it may import of `src/` besides itself. */
  readonly may: ReadonlyArray<string>
  readonly why: string
}

// What a command gives to a node of its own process, beside the assembly.
const assemblies = "^src/server/((SingleNode|DevNode)|metrics/RuntimeProbe)\\.ts$"

const layers: ReadonlyArray<Layer> = [
  { name: "raft", may: [], why: "consensus knows nothing of locks, nodes or the world" },
  { name: "lock", may: [], why: "the lock state machine knows nothing of consensus, nodes or the world" },
  { name: "spec", may: [], why: "the specification is compared with the product, so it shares nothing with it" },
  { name: "node", may: ["^src/(raft|lock)/"], why: "the shell joins the two cores and knows nobody above it" },
  { name: "api", may: ["^src/(raft|lock)/"], why: "schemas and endpoints, which clients import without a server" },
  { name: "client", may: ["^src/api/"], why: "a client speaks the API and carries no server with it" },
  { name: "fencing", may: [], why: "what refuses a stale token needs no client and no server" },
  { name: "dashboard", may: [], why: "what a browser runs asks a node over HTTP, and imports nothing of it" },
  { name: "server", may: ["^src/(api|node|raft|lock)/"], why: "handlers turn requests into proposals" },
  {
    name: "testing",
    may: ["^src/(client|server|api|node|lock)/"],
    why: "a cluster in memory is made of what is there"
  },
  {
    name: "cli",
    may: ["^src/(client|api|node)/", "^src/sim/Show\\.ts$", assemblies],
    why: "commands start assemblies and use clients"
  }
]

const layerRules = layers.map(({ may, name, why }): IForbiddenRuleType => ({
  name: `layer-${name}`,
  comment: why,
  severity: "error",
  from: { path: `^src/${name}/` },
  to: { path: "^src/", pathNot: [`^src/${name}/`, ...may] }
}))

// Which names a pure core may take from these modules is a rule of `scripts/tidy/`: dependency-cruiser
// sees files, and not names.
const effectData = "(^|/)node_modules/effect/dist/(index|[A-Z]\\w+|encoding/(index|SchemaBinary))\\.js$"

const otherRules: ReadonlyArray<IForbiddenRuleType> = [
  {
    name: "pure-core",
    comment: "raft, lock and spec reach no disk, clock, randomness or socket",
    severity: "error",
    from: { path: "^src/(raft|lock|spec)/" },
    to: { pathNot: ["^src/", effectData] }
  },
  {
    name: "entries",
    comment: "what a program imports from the package is the client's side and carries no server",
    severity: "error",
    from: { path: "^src/[^/]+$", pathNot: "^src/testing\\.ts$" },
    to: { path: "^src/", pathNot: ["^src/(index|promise|fencing)\\.ts$", "^src/(client|api|fencing)/"] }
  },
  {
    name: "no-testing",
    comment: "only the tests of programs take the cluster in memory, by its own entry",
    severity: "error",
    from: { path: "^src/", pathNot: "^src/testing(/|\\.ts$)" },
    to: { path: "^src/testing(/|\\.ts$)" }
  },
  {
    name: "no-sim",
    comment: "the simulators import the product, and of that only the command that shows one imports them",
    severity: "error",
    from: { path: "^src/", pathNot: ["^src/sim/", "^src/cli/commands/Simulate\\.ts$"] },
    to: { path: "^src/sim/" }
  },
  {
    name: "no-spec",
    comment: "the specification judges the product; only a simulator, a test or a tool asks it",
    severity: "error",
    from: { path: "^src/", pathNot: "^src/(spec|sim)/" },
    to: { path: "^src/spec/" }
  },
  {
    name: "no-tools",
    comment: "the product imports nothing but itself and its declared dependencies",
    severity: "error",
    from: { path: "^src/" },
    to: { pathNot: ["^src/", "(^|/)node_modules/"], dependencyTypesNot: ["core", "unknown"] }
  },
  {
    name: "no-dev-dependency",
    comment: "what is published runs with the dependencies that it declares",
    severity: "error",
    from: { path: "^src/" },
    to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] }
  },
  {
    name: "no-circle",
    comment: "files that need each other to be loaded; a circle of types alone, as of a lock and its claims, is none",
    severity: "error",
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } }
  },
  {
    name: "no-unresolved",
    comment: "an import that leads nowhere hides the layer it belongs to",
    severity: "error",
    from: {},
    to: { couldNotResolve: true }
  }
]

export const rules: ReadonlyArray<IForbiddenRuleType> = [...layerRules, ...otherRules]
