// What programs have set of a datapath by netlink and the datapath itself does not use: here upcalls go to the switch daemon of
// the same system, not to sockets, and to nobody if there is none.

import { OVS_DP_FEATURE } from "../../netlink/generic/openvswitch.ts";
import type { Datapath } from "../datapath/datapath.ts";

export interface DatapathState {
  /** OVS_DP_FEATURE bits. */
  userFeatures: number;
  /** Sockets for upcalls: one for each core, and those of each port. */
  perCpuPids: readonly number[] | undefined;
  readonly portPids: Map<number, readonly number[]>;
}

const states = new WeakMap<Datapath, DatapathState>();

/** One that the daemon has made is as its dpif-netlink.c sets it up. */
export function stateOf(datapath: Datapath): DatapathState {
  let state = states.get(datapath);
  if (!state) {
    const userFeatures = OVS_DP_FEATURE.UNALIGNED | OVS_DP_FEATURE.DISPATCH_UPCALL_PER_CPU;
    state = { userFeatures, perCpuPids: undefined, portPids: new Map<number, readonly number[]>() };
    states.set(datapath, state);
  }
  return state;
}
