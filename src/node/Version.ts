/**
 * The release, as nodes tell it to people and to each other.
 */
export const version = "0.1.0"
