// States of a port or VLAN in words (IEEE 802.1D-2004, 7.4).

import type { Output } from "../ip/output.ts";

const NAMES = ["disabled", "listening", "learning", "forwarding", "blocking"] as const;

/** Number of a state by name; undefined if there is none. */
export function stateByName(name: string): number | undefined {
  const index = NAMES.findIndex((each) => each === name.toLowerCase());
  return index < 0 ? undefined : index;
}

export function printState(out: Output, state: number): void {
  const name = NAMES[state];
  if (name === undefined) out.fact("state", state, `state (${state}) `);
  else out.fact("state", name, `state ${name} `);
}
