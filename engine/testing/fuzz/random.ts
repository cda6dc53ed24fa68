/** Numbers of at least 0 and below 1, from a seed, so that a run can be had again. */
export type Random = () => number;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A whole number below `count`. */
export const below = (random: Random, count: number): number => Math.floor(random() * count);

/** One of the elements. Throws a TypeError where there are none. */
export function oneOf<T>(random: Random, elements: readonly T[]): T {
  const element = elements[below(random, elements.length)];
  if (element === undefined) throw new TypeError("there is nothing to choose from");
  return element;
}
