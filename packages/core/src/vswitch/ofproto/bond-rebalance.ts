// Shifting load between the members of a bond (bond_rebalance and what it calls in ofproto/bond.c): from the member with most
// to the one with least, hash by hash, while that brings them nearer to each other.

import type { BondEntry, BondMember } from "./bond.ts";

/** A difference of fewer bytes, or of less than a 32nd of the lighter load, is left alone. */
const LEAST_OVERLOAD = 100_000;

interface Load {
  readonly member: BondMember;
  readonly entries: { readonly entry: BondEntry; readonly hash: number }[];
  bytes: number;
}

/** @returns true if an entry has got another member */
export function rebalance(
  bond: string,
  entries: readonly BondEntry[],
  members: readonly BondMember[],
  log: (text: string) => void,
): boolean {
  const loads: Load[] = members.map((member) => ({ member, entries: [], bytes: 0 }));
  for (const [hash, entry] of entries.entries()) {
    const load = loads.find(({ member }) => member === entry.member);
    if (!load || entry.bytes === 0) continue;
    load.bytes += entry.bytes;
    load.entries.push({ entry, hash });
  }
  let moved = false;
  let left = sorted(loads);
  while (left.length > 1) {
    const [from] = left as [Load, ...Load[]];
    const to = left.at(-1) as Load;
    const overload = from.bytes - to.bytes;
    if (overload < Math.floor(to.bytes / 32) || overload < LEAST_OVERLOAD) break;
    const chosen = choose(from, to);
    if (!chosen) {
      left = left.slice(1);
      continue;
    }
    const { entry, hash } = chosen;
    log(
      `bond ${bond}: shift ${Math.floor(entry.bytes / 1024)}kB of load (with hash ${hash}) ` +
        `from ${from.member.port.name} to ${to.member.port.name} ` +
        `(now carrying ${Math.floor((from.bytes - entry.bytes) / 1024)}kB and ` +
        `${Math.floor((to.bytes + entry.bytes) / 1024)}kB load, respectively)`,
    );
    entry.member = to.member;
    from.bytes -= entry.bytes;
    to.bytes += entry.bytes;
    from.entries.splice(from.entries.indexOf(chosen), 1);
    moved = true;
    left = sorted(left);
  }
  return moved;
}

function sorted(loads: readonly Load[]): Load[] {
  return loads.toSorted((a, b) => b.bytes - a.bytes);
}

/** choose_entry_to_migrate(): the one that brings both nearest to their mean. */
function choose(from: Load, to: Load): Load["entries"][number] | undefined {
  if (from.entries.length < 2) return undefined; // the only one would only change places
  let best: Load["entries"][number] | undefined;
  let bestLow = to.bytes;
  for (const each of from.entries) {
    const { bytes } = each.entry;
    const low = Math.min(from.bytes - bytes, to.bytes + bytes);
    if (low <= bestLow) continue;
    best = each;
    bestLow = low;
  }
  return best;
}
