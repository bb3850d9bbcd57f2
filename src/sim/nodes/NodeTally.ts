/**
 * What happened in a run of whole nodes, so that a hollow one is noticed.
 */
export class NodeTally {
  commits = 0
  grants = 0
  elections = 0
  visits = 0
  walkIns = 0
  hangUps = 0
  losses = 0
  looks = 0
  pauses = 0
  cutOffs = 0
  crashes = 0
  kills = 0
  brokenDisks = 0
  stuckDisks = 0
  clockSteps = 0
  cuts = 0
  lostDisks = 0
  damagedDisks = 0
  changes = 0
  linksEnded = 0
  recoveryMillis = 0
}
