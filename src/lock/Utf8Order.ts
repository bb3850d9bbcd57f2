/**
 * The order of strings by the bytes of their UTF-8, which is the order of their code points.
 *
 * JavaScript's own `<` compares UTF-16 units and puts every code point past U+FFFF, written as two surrogates from
 * U+D800 on, before U+E000 to U+FFFF. Nothing is encoded here: moving the surrogates behind the rest is enough.
 */
export const compareUtf8 = (left: string, right: string): number => {
  if (left === right) return 0
  // Where they first differ, both would have to be past the first surrogate for the order of units to be wrong.
  if (!pastSurrogates.test(left)) return left < right ? -1 : 1
  return compareRanks(left, right)
}

// A text of bytes alone, as most names are, can have none: the test ends before it looks at it.
const pastSurrogates = /[\ud800-\uffff]/

const compareRanks = (left: string, right: string): number => {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return rank(a) - rank(b)
  }
  return left.length - right.length
}

const surrogateFirst = 0xd800
const surrogateEnd = 0xe000
const unitEnd = 0x1_0000

const rank = (unit: number): number => {
  if (unit < surrogateFirst) return unit
  return unit < surrogateEnd ? unit + (unitEnd - surrogateEnd) : unit - (surrogateEnd - surrogateFirst)
}
