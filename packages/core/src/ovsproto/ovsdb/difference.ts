// The difference of two values of a column, as <row-update2> tells it (ovsdb-server(7)): of a set the elements that are
// in one of them only, of a map the pairs that were added, changed (with the new value) or removed (with the old one),
// of anything that holds at most one element the new value.

import type { Atom } from "./atom.ts";
import { compareAtoms } from "./atom.ts";
import type { Datum } from "./datum.ts";
import { sortedDatum } from "./datum.ts";
import type { ColumnType } from "./type.ts";

export function differenceOf(type: ColumnType, old: Datum, value: Datum): Datum {
  if (type.max <= 1) return value;
  const keys: Atom[] = [];
  const values: Atom[] = [];
  const take = (from: Datum, at: number): void => {
    keys.push(from.keys[at] as Atom);
    if (from.values) values.push(from.values[at] as Atom);
  };
  // what is the same in front and behind, of sets that mostly differ in one element
  let same = 0;
  if (!type.value) while (same < old.keys.length && old.keys[same] === value.keys[same]) same++;
  const behind = type.value ? 0 : sameAtEnd(old.keys, value.keys, same);
  let other = same;
  const end = value.keys.length - behind;
  for (let at = same; at < old.keys.length - behind; at++) {
    const key = old.keys[at] as Atom;
    let order = 1;
    while (other < end && (order = compareAtoms(value.keys[other] as Atom, key)) < 0) take(value, other++);
    if (other === end || order > 0) {
      take(old, at);
      continue;
    }
    const isEqual = !value.values || compareAtoms(old.values?.[at] ?? "", value.values[other] ?? "") === 0;
    if (!isEqual) take(value, other);
    other++;
  }
  while (other < end) take(value, other++);
  return type.value ? { keys, values } : { keys };
}

/** How many of the last elements are the same, without those in front that are. */
function sameAtEnd(first: readonly Atom[], second: readonly Atom[], front: number): number {
  const most = Math.min(first.length, second.length) - front;
  let same = 0;
  while (same < most && first[first.length - 1 - same] === second[second.length - 1 - same]) same++;
  return same;
}

/** Undoes differenceOf: the new value from the old one. */
export function applyDifference(type: ColumnType, old: Datum, difference: Datum): Datum {
  if (type.max <= 1) return difference;
  const pairs = new Map<Atom, Atom>(old.keys.map((key, at) => [key, old.values?.[at] ?? ""]));
  for (const [at, key] of difference.keys.entries()) {
    const value = difference.values?.[at] ?? "";
    const there = pairs.get(key);
    if (there !== undefined && compareAtoms(there, value) === 0) pairs.delete(key);
    else pairs.set(key, value);
  }
  return sortedDatum([...pairs.keys()], type.value && [...pairs.values()]) ?? old;
}
