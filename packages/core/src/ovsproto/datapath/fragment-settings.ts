// Settings and counters of the reassembly of fragments in the switch daemon's own connection tracker, and what waits there (Open
// vSwitch's lib/ipf.c); the work is in vswitch/conntrack/userspace/fragment-lists.ts.

import type { AddressWords } from "./connection.ts";

export interface FamilySettings {
  enabled: boolean;
  /** Shortest fragment that is not the last, bytes. */
  least: number;
  accepted: number;
  completed: number;
  expired: number;
  tooSmall: number;
  overlapped: number;
  purged: number;
}

export interface FragmentSettings {
  readonly v4: FamilySettings;
  readonly v6: FamilySettings;
  /** Fragments that may wait at one time, and those that do. */
  most: number;
  count: number;
}

/** Fragments of one packet, as far as they have come. */
export interface WaitingPacket {
  readonly version6: boolean;
  readonly source: AddressWords;
  readonly destination: AddressWords;
  readonly protocol: number;
  readonly id: number;
  readonly zone: number;
  readonly recirculation: number;
  readonly fragments: number;
  /** As ipf_list_state_name() calls it. */
  readonly state: string;
}

/** What the shortest may not be below. */
export const MIN_FRAGMENT = { v4: 400, v6: 400 } as const;

const DEFAULT_V4 = 1200;
const DEFAULT_V6 = 1280;
const DEFAULT_MOST = 1000;

function family(least: number): FamilySettings {
  return {
    enabled: true,
    least,
    accepted: 0,
    completed: 0,
    expired: 0,
    tooSmall: 0,
    overlapped: 0,
    purged: 0,
  };
}

export function newFragmentSettings(): FragmentSettings {
  return { v4: family(DEFAULT_V4), v6: family(DEFAULT_V6), most: DEFAULT_MOST, count: 0 };
}
