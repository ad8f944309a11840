// Which VLAN a frame is in on its way through bridges that filter VLANs, and where it gets stuck. The rules are those of IEEE
// 802.1Q-2018, 8.6.2 (ingress) and 8.6.4 (egress): an untagged frame is in the port's PVID; it leaves by member ports.

import type { LinkState, VlanMembership } from "./network-state.ts";
import { bridgeOf } from "./segment.ts";

/** Where a frame of VLAN `vlan` gets stuck. */
export type VlanFault =
  /** An untagged frame comes in by a port without a PVID. */
  | { readonly kind: "no-pvid"; readonly port: LinkState; readonly vlan: undefined }
  /** The port that it comes in by is no member of its VLAN. */
  | { readonly kind: "ingress"; readonly port: LinkState; readonly vlan: number }
  /** The port that it is to leave by is none. */
  | { readonly kind: "egress"; readonly port: LinkState; readonly vlan: number; readonly trunk: boolean }
  /** It crosses to another bridge untagged, and is in another VLAN there. */
  | { readonly kind: "native"; readonly port: LinkState; readonly vlan: number; readonly there: number }
  /** It comes to a host with a tag that the host has no device for. */
  | { readonly kind: "tagged"; readonly port: LinkState; readonly vlan: number; readonly host: LinkState }
  /** It is for the bridge's own host, and the bridge itself is not in its VLAN; or it comes from there without a PVID. */
  | { readonly kind: "self"; readonly bridge: LinkState; readonly vlan: number }
  /** It comes to a VLAN device of another number. */
  | { readonly kind: "device"; readonly device: LinkState; readonly vlan: number };

function membership(port: LinkState, vid: number): VlanMembership | undefined {
  return port.vlans.find((vlan) => vlan.vid === vid);
}

export function pvidOf(port: LinkState): number | undefined {
  return port.vlans.find(({ pvid }) => pvid)?.vid;
}

function filters(bridge: LinkState | undefined): boolean {
  return bridge?.bridge?.vlanFiltering === true;
}

/** The first fault on a path of devices; undefined if the frame gets through, or nothing filters. */
export function walkVlans(path: readonly LinkState[]): VlanFault | undefined {
  /** 0: untagged on the wire. */
  let tag = 0;
  /** VLAN inside a filtering bridge, or in the last one; 0 before. */
  let vlan = 0;
  let lastPort: LinkState | undefined;
  for (let at = 0; at < path.length; at++) {
    const link = path[at] as LinkState;
    const before = path[at - 1];
    const next = path[at + 1];
    if (link.vlanId !== undefined) {
      if (next !== undefined && link.other === next) tag = link.vlanId;
      else if (before !== undefined && link.other === before) {
        if (tag !== link.vlanId) return { kind: "device", device: link, vlan: tag };
        tag = 0;
      }
      continue;
    }
    if (filters(link) && next === undefined && before !== undefined && bridgeOf(before) === link) {
      // What is above the bridge's device has its own say about tags.
      const member = membership(link, vlan);
      if (!member?.untagged) return { kind: "self", bridge: link, vlan };
      tag = 0;
      continue;
    }
    const bridge = bridgeOf(link);
    if (before === undefined && next !== undefined && filters(link) && bridgeOf(next) === link) {
      const pvid = pvidOf(link);
      if (pvid === undefined) return { kind: "self", bridge: link, vlan: pvidOf(next) ?? 0 };
      vlan = pvid;
    }
    if (bridge !== undefined && next === bridge && filters(bridge)) {
      const crossed = vlan;
      if (tag === 0) {
        const pvid = pvidOf(link);
        if (pvid === undefined) {
          return crossed === 0
            ? { kind: "no-pvid", port: link, vlan: undefined }
            : { kind: "native", port: link, vlan: crossed, there: 0 };
        }
        if (crossed !== 0 && crossed !== pvid)
          return { kind: "native", port: link, vlan: crossed, there: pvid };
        vlan = pvid;
      } else {
        vlan = tag;
        if (!membership(link, vlan)) return { kind: "ingress", port: link, vlan };
      }
    } else if (bridge !== undefined && before === bridge && filters(bridge)) {
      lastPort = link;
      const member = membership(link, vlan);
      if (!member)
        return {
          kind: "egress",
          port: link,
          vlan,
          trunk: path.slice(at + 1).some((one) => bridgeOf(one) !== undefined || one.vlanId !== undefined),
        };
      tag = member.untagged ? 0 : vlan;
    }
  }
  const host = path.at(-1);
  if (
    tag !== 0 &&
    host !== undefined &&
    host.vlanId === undefined &&
    host.bridge === undefined &&
    lastPort !== undefined
  )
    return { kind: "tagged", port: lastPort, vlan: tag, host };
  return undefined;
}
