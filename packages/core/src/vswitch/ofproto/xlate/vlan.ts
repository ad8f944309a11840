// VLANs as the NORMAL action sees them (struct xvlan): the tags of a packet inside the bridge, and how they change on the way
// in and out of a bundle (IEEE 802.1Q; 802.1ad for dot1q-tunnel). ovs-vswitchd.conf.db(5), table Port, tells the modes.

import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { unwildcard, VLAN_PRESENT, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Bundle, PriorityTags } from "../port.ts";
import type { XlateContext } from "./context.ts";

interface Tag {
  tpid: number;
  vid: number;
  /** In its place in a TCI. */
  pcp: number;
}

/** Outermost first. */
export type VlanTags = readonly [Tag, Tag];

const NONE: Tag = { tpid: 0, vid: 0, pcp: 0 };
const VLAN_TPID = 0x8100;

/** xvlan_extract() */
export function tagsOf(flow: Flow): VlanTags {
  return [tagAt(flow, 0), tagAt(flow, 1)];
}

function tagAt(flow: Flow, index: number): Tag {
  const tag = word(flow, W.VLAN + index);
  const tpid = tag >>> 16;
  const present = (tag & VLAN_PRESENT) !== 0 && (tpid === 0x8100 || tpid === 0x88a8);
  return present ? { tpid, vid: tag & 0xfff, pcp: tag & 0xe000 } : NONE;
}

/** xvlan_put(). Behind a missing tag there is none. */
export function putTags(flow: Flow, tags: VlanTags, priorityTags: PriorityTags): void {
  let tagged = true;
  tags.forEach(({ vid, pcp, tpid }, index) => {
    const tci = vid | pcp;
    tagged &&= tci !== 0 || (priorityTags === "always" && tpid !== 0);
    flow[W.VLAN + index] = tagged ? ((tpid || VLAN_TPID) * 0x1_0000 + (tci | VLAN_PRESENT)) >>> 0 : 0;
  });
}

/** input_vid_is_valid(): says in the trace why not. `bundle` undefined: a packet from a controller without a port. */
export function mayEnter(context: XlateContext, vid: number, bundle: Bundle | undefined): boolean {
  if (!bundle) return true;
  const { vlanMode, vlan } = bundle.settings;
  switch (vlanMode) {
    case "access":
      if (vid === 0) return true;
      context.fail(
        `dropping VLAN ${vid} tagged packet received on port ${bundle.name} configured as VLAN ${vlan} access port`,
      );
      return false;
    case "native-untagged":
    case "native-tagged":
    case "trunk":
      if (vlanMode !== "trunk" && vid === 0) return true;
      if (bundle.trunks(vid)) return true;
      context.fail(
        `dropping VLAN ${vid} packet received on port ${bundle.name} not configured for trunking VLAN ${vid}`,
      );
      return false;
    case "dot1q-tunnel":
      if (bundle.allowsCustomerVlan(vid)) return true;
      context.fail(
        `dropping VLAN ${vid} packet received on dot1q-tunnel port ${bundle.name} that excludes this VLAN`,
      );
      return false;
  }
}

/** xvlan_input_translate(): the tags that a packet has inside the bridge. */
export function tagsInside(bundle: Bundle | undefined, tags: VlanTags): VlanTags {
  if (!bundle) return tags;
  const { vlanMode, vlan, qinqEthertype } = bundle.settings;
  const [outer] = tags;
  const native: Tag = { tpid: outer.tpid || VLAN_TPID, vid: vlan, pcp: outer.pcp };
  switch (vlanMode) {
    case "access":
      return [native, NONE];
    case "trunk":
      return tags;
    case "native-untagged":
    case "native-tagged":
      return outer.vid === 0 ? [native, tags[1]] : tags;
    case "dot1q-tunnel":
      return [{ tpid: qinqEthertype, vid: vlan, pcp: 0 }, outer];
  }
}

/** xvlan_output_translate(): the tags that it has behind the bundle. */
export function tagsOutside(bundle: Bundle, tags: VlanTags): VlanTags {
  const { vlanMode, vlan } = bundle.settings;
  switch (vlanMode) {
    case "access":
      return [NONE, NONE];
    case "trunk":
    case "native-tagged":
      return tags;
    case "native-untagged":
      return tags[0].vid === vlan ? [tags[1], NONE] : tags;
    case "dot1q-tunnel":
      return [tags[1], NONE];
  }
}

/** xbundle_includes_vlan() */
export function includesVlan(bundle: Bundle, tags: VlanTags): boolean {
  const { vlanMode, vlan } = bundle.settings;
  const [outer, inner] = tags;
  switch (vlanMode) {
    case "access":
      return outer.vid === vlan && inner.vid === 0;
    case "trunk":
    case "native-untagged":
    case "native-tagged":
      return bundle.trunks(outer.vid);
    case "dot1q-tunnel":
      return outer.vid === vlan && bundle.allowsCustomerVlan(inner.vid);
  }
}

/** NORMAL looks at the VLAN and at whether there is a tag. */
export function markVlan(context: XlateContext): void {
  unwildcard(context.wildcards, W.VLAN, 0x1fff);
}
