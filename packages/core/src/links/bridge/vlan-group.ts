// The VLANs of a bridge or of one of its ports (struct net_bridge_vlan_group). What may be added and what follows from it
// is in vlan.ts; whether a frame may pass is in vlan-filter.ts.

import type { VlanMulticast } from "./multicast-options.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";

/** Counters of one VLAN. Ports share those of the bridge unless they have their own (vlan_stats_per_port). */
export interface VlanCounters {
  rxBytes: number;
  rxPackets: number;
  txBytes: number;
  txPackets: number;
}

/** struct net_bridge_vlan, of a port if `port` is set, else of the bridge (a "master" entry). */
export interface Vlan {
  readonly vid: number;
  readonly port: BridgePort | undefined;
  /** Frames leave without a tag. */
  untagged: boolean;
  /** BR_STATE.* */
  state: number;
  /** Of the bridge: it takes part itself (BRIDGE_VLAN_INFO_BRENTRY), not only as the context of its ports' entries. */
  ownEntry: boolean;
  /** Of the bridge: port entries that refer to it, and itself if `ownEntry`. */
  references: number;
  /** Of a port: the bridge's entry. */
  readonly master: Vlan | undefined;
  readonly counters: VlanCounters;
  readonly ownCounters: boolean;
  /** VNI of a collect_md tunnel; 0 for none. */
  tunnelId: number;
  /** MDB_RTR_TYPE of the port or bridge in this VLAN. */
  multicastRouter: number;
  /** Of the bridge: options of IGMP and MLD snooping in this VLAN. */
  readonly multicast: VlanMulticast | undefined;
}

export class VlanGroup {
  readonly #vlans = new Map<number, Vlan>();
  /** VLAN of frames that come without a tag; 0: they are refused. */
  pvid = 0;
  /** Entries that are in use, without those that are a mere context (num_vlans). */
  count = 0;

  find(vid: number): Vlan | undefined {
    return this.#vlans.get(vid);
  }

  insert(vlan: Vlan): void {
    this.#vlans.set(vlan.vid, vlan);
  }

  remove(vlan: Vlan): void {
    this.#vlans.delete(vlan.vid);
  }

  get size(): number {
    return this.#vlans.size;
  }

  /** Ascending, as the kernel keeps its list. */
  ascending(): Vlan[] {
    return [...this.#vlans.values()].sort((a, b) => a.vid - b.vid);
  }

  /** State of the VLAN that untagged frames belong to (br_vlan_get_pvid_state). */
  get pvidState(): number {
    return this.#vlans.get(this.pvid)?.state ?? BR_STATE.FORWARDING;
  }
}

/** br_vlan_should_use(): false for entries of the bridge that only serve its ports. */
export function inUse(vlan: Vlan): boolean {
  return vlan.port !== undefined || vlan.ownEntry;
}
