/**
 * For the tests of programs that use locks: the client over a cluster in memory, on the test's clock, with means to
 * lose a lock, an answer or a connection at the moment that matters.
 */
export { loseAtEveryAwait, play } from "./testing/Playing.ts"
export { TestClient } from "./testing/TestClient.ts"
export { TestCluster } from "./testing/TestCluster.ts"
