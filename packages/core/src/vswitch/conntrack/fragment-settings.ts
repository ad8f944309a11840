// Settings and counters of the reassembly of fragments (Open vSwitch's lib/ipf.c); the work is in userspace/fragment-lists.ts.

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
