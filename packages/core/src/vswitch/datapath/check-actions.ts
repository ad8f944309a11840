// Which actions the kernel takes for a flow (ovs_nla_copy_actions of net/openvswitch/flow_netlink.c, ovs_ct_copy_action).

import { EtherType } from "../../wire/ethernet.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { OVS_MAX_PORTS } from "../../netlink/generic/openvswitch.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { DpAction } from "../../ovsproto/datapath/actions.ts";
import { anyOf, dlType, isMplsType, isVlanType, nwProto, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";

const ETHERNET_HEADER = 14;
/** OVS_COPY_ACTIONS_MAX_DEPTH */
const MAX_DEPTH = 16;
/** Labels may be put in front of these. */
const BEFORE_LABELS: ReadonlySet<number> = new Set([0x0800, 0x86dd, 0x0806, 0x8035]);

/** The packet as the actions so far have made it. */
interface Progress {
  etherType: number;
  tagged: boolean;
  ethernet: boolean;
}

/** Errors: Refusal EINVAL. */
export function checkActions(actions: readonly DpAction[], key: Flow): void {
  const progress = {
    etherType: dlType(key),
    tagged: word(key, W.VLAN) !== 0,
    ethernet: word(key, W.PACKET_TYPE) === 0,
  };
  if (!listFits(actions, key, progress, 0)) throw new Refusal(ERRNO.EINVAL);
}

function listFits(actions: readonly DpAction[], key: Flow, progress: Progress, depth: number): boolean {
  return depth < MAX_DEPTH && actions.every((action) => fits(action, key, progress, depth));
}

function fits(action: DpAction, key: Flow, progress: Progress, depth: number): boolean {
  const inside = (actions: readonly DpAction[]) => listFits(actions, key, { ...progress }, depth + 1);
  switch (action.type) {
    case "output":
      return action.port < OVS_MAX_PORTS;
    case "hash":
      return action.algorithm === "l4";
    case "trunc":
      return action.maxLength >= ETHERNET_HEADER;
    case "push_vlan":
      if (!progress.ethernet || !isVlanType(action.tpid) || (action.tci & 0x1000) === 0) return false;
      progress.tagged = true;
      return true;
    case "pop_vlan":
      progress.tagged = false;
      return progress.ethernet;
    case "push_mpls":
    case "add_mpls":
      if (!isMplsType(action.etherType)) return false;
      if (action.type === "add_mpls" && action.wholePacket === true) {
        // before a link-layer header too, which is then no header any more
        progress.ethernet = false;
        progress.etherType = action.etherType;
        return true;
      }
      if (progress.tagged || !(BEFORE_LABELS.has(progress.etherType) || isMplsType(progress.etherType))) {
        return false;
      }
      progress.etherType = action.etherType;
      return true;
    case "pop_mpls":
      if (progress.tagged || !isMplsType(progress.etherType)) return false;
      // what follows is not known
      progress.etherType = isMplsType(action.etherType) ? action.etherType : 0;
      return true;
    case "push_eth":
      if (progress.ethernet) return false;
      progress.ethernet = true;
      return true;
    case "pop_eth":
      if (!progress.ethernet || progress.tagged) return false;
      progress.ethernet = false;
      return true;
    case "push_nsh":
      progress.etherType = EtherType.NSH;
      progress.ethernet = false;
      return true;
    case "pop_nsh":
      if (progress.etherType !== EtherType.NSH) return false;
      progress.etherType = 0; // what follows is not known
      return true;
    case "set":
      return setFits(action, key, progress);
    case "ct": {
      const { commit, mark, label, nat } = action.request;
      if (progress.etherType !== 0x0800 && progress.etherType !== 0x86dd) return false;
      return commit || (!mark && !label && nat?.direction === undefined);
    }
    case "sample":
    case "clone":
      return inside(action.actions);
    case "check_pkt_len":
      return inside(action.greater) && inside(action.lessEqual);
    case "recirc":
    case "meter":
    case "userspace":
    case "ct_clear":
      return true;
    case "tnl_push":
    case "tnl_pop":
    case "lb_output":
    case "drop":
      return false;
  }
}

/** validate_set() */
function setFits(
  { group, value, mask }: DpAction & { readonly type: "set" },
  key: Flow,
  { etherType, ethernet }: Progress,
): boolean {
  const internet = etherType === 0x0800 || etherType === 0x86dd;
  const ofProtocol = (protocol: number) => internet && nwProto(key) === protocol;
  switch (group) {
    case "skb_priority":
    case "skb_mark":
      return true;
    case "tunnel":
      return word(value, W.TUN_DST) !== 0 || anyOf(value, W.TUN_IPV6_DST, 4);
    case "eth":
      return ethernet;
    case "ipv4":
    case "ipv6":
      // neither the protocol nor the kind of a fragment can be set to another
      return etherType === (group === "ipv4" ? 0x0800 : 0x86dd) && sameProtocol(key, value, mask);
    case "tcp":
      return ofProtocol(6);
    case "udp":
      return ofProtocol(17);
    case "sctp":
      return ofProtocol(132);
    case "mpls":
      return isMplsType(etherType);
    case "nsh":
      return etherType === EtherType.NSH;
    case "icmp":
    case "icmpv6":
    case "arp":
    case "nd":
    case "nd_ext":
      return false;
  }
}

function sameProtocol(key: Flow, value: Flow, mask: Flow): boolean {
  const bits = word(mask, W.NW) & 0xff00_00ff;
  return ((word(value, W.NW) ^ word(key, W.NW)) & bits) === 0;
}
