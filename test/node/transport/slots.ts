/**
 * The memory that a test shares with a peer in another thread: where it counts the messages that it
 * has heard, and where it says whether it could listen.
 */
export const heardAt = 0
export const stateAt = 1

export const open = 1
export const portTaken = 2
