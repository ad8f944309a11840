// Does what a flow says with a packet (net/openvswitch/actions.c: do_execute_actions). The packet starts at its link-layer
// header and is given away: the last output takes it, those before take copies.

import type { Packet } from "../../kernel/device-vport.ts";
import { isMplsType, newFlow, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { hashFiveTuple, hashSymmetricL3L4 } from "../../ovsproto/flow/hash.ts";
import { hashInt } from "../../ovsproto/murmur-hash.ts";
import type { DpAction } from "../../ovsproto/datapath/actions.ts";
import type { Datapath, DpPort } from "./datapath.ts";
import { copyOf } from "./journey.ts";
import { lengthOf } from "./frame-length.ts";
import { extractFlow } from "../../ovsproto/flow/extract.ts";
import { popEthernet, popLinkLayer, popNsh, pushEthernet, pushNsh } from "./nsh.ts";
import { tunnelInstructions } from "./tunnel-key.ts";
import { pushHeader } from "../native-tunnels/push-header.ts";
import { popMpls, prependLabel, pushMpls, writeFields } from "./write-fields.ts";

const scratch = newFlow();

/** Whether actions are one output, as most are: what execute() does then leaves the key as it is. */
export function forwards(actions: readonly DpAction[]): boolean {
  return actions.length === 1 && (actions[0] as DpAction).type === "output";
}

/** `key` is what was read from the packet; of what actions change, its metadata follows. */
export function execute(datapath: Datapath, packet: Packet, key: Flow, actions: readonly DpAction[]): void {
  const last = actions.length - 1;
  const first = actions[0];
  if (last === 0 && first !== undefined && first.type === "output") {
    output(datapath, packet, first.port);
    return;
  }
  let cut = 0; // bytes that the next output may have; 0: all
  for (let at = 0; at <= last; at++) {
    const action = actions[at] as DpAction;
    switch (action.type) {
      case "output": {
        const sent = at === last ? packet : copyOf(packet);
        if (cut > 0 && sent.length > cut) sent.end = sent.start + cut;
        cut = 0;
        output(datapath, sent, action.port);
        if (at === last) return;
        break;
      }
      case "set":
        set(packet, key, action);
        break;
      case "push_vlan":
        if (packet.vlanTci >= 0) datapath.host.insertTag(packet);
        packet.vlanTpid = action.tpid;
        packet.vlanTci = action.tci & 0xefff;
        break;
      case "pop_vlan":
        popVlan(datapath, packet);
        break;
      case "push_mpls":
        pushMpls(packet, action.lse, action.etherType);
        break;
      case "pop_mpls":
        popMpls(packet, action.etherType);
        break;
      case "add_mpls":
        if (!isMplsType(action.etherType)) break;
        if (action.wholePacket === true) {
          if (packet.vlanTci >= 0) datapath.host.insertTag(packet);
          packet.vlanTci = -1;
          prependLabel(packet, action.lse, action.etherType);
        } else pushMpls(packet, action.lse, action.etherType);
        break;
      case "lb_output": {
        // dp_execute_lb_output_action()
        const members = datapath.bonds.get(action.bond);
        const bucket = members?.[packetHash(packet, datapath.tagLimit) & (members.length - 1)];
        const port = bucket?.port;
        if (bucket) bucket.bytes += lengthOf(packet);
        const sent = at === last ? packet : copyOf(packet);
        if (port === undefined) packet.device.kernel.drop(sent, "NOT_SPECIFIED", datapath.name);
        else execute(datapath, sent, key.slice(), [{ type: "output", port }]);
        if (at === last) return;
        break;
      }
      case "recirc":
        datapath.recirculate(at === last ? packet : copyOf(packet), key, action.id);
        if (at === last) return;
        break;
      case "hash":
        key[W.DP_HASH] = dpHash(packet, datapath.tagLimit, action.algorithm, action.basis);
        break;
      case "userspace": {
        const sent = copyOf(packet);
        if (cut > 0 && sent.length > cut) sent.end = sent.start + cut;
        cut = 0;
        datapath.handler?.action(sent, key, action.cookie);
        break;
      }
      case "sample":
        if (datapath.host.netns.kernel.random.uint32() <= action.probability && action.probability !== 0) {
          execute(datapath, copyOf(packet), key.slice(), action.actions);
        }
        break;
      case "clone":
        execute(datapath, copyOf(packet), key.slice(), action.actions);
        break;
      case "trunc":
        cut = action.maxLength;
        break;
      case "check_pkt_len":
        // nothing follows it
        execute(datapath, packet, key, lengthOf(packet) > action.size ? action.greater : action.lessEqual);
        return;
      case "meter":
        if (datapath.meters.exceeds(action.id, lengthOf(packet))) {
          datapath.onDrop("datapath_drop_meter");
          packet.device.kernel.drop(packet, "OVS_DROP_METER", datapath.name);
          return;
        }
        break;
      case "ct_clear":
        key.fill(0, W.CT_STATE_ZONE, W.ETH_DST);
        break;
      case "push_eth":
        pushEthernet(packet, action.source, action.destination);
        break;
      case "pop_eth":
        if (datapath.kind === "kernel") popEthernet(packet);
        else popLinkLayer(packet);
        break;
      case "push_nsh":
        if (packet.vlanTci >= 0) datapath.host.insertTag(packet);
        packet.vlanTci = -1;
        pushNsh(packet, action.header);
        break;
      case "pop_nsh":
        popNsh(packet);
        break;
      case "tnl_push":
        if (packet.vlanTci >= 0) datapath.host.insertTag(packet);
        packet.vlanTci = -1;
        pushHeader(packet, action.header, {
          ports: datapath.sourcePorts,
          nextSequence: () => datapath.nextSequence(action.tunnelPort),
          now: datapath.now,
        });
        break;
      case "tnl_pop":
        datapath.decapsulate(at === last ? packet : copyOf(packet), action.port);
        if (at === last) return;
        break;
      case "drop":
        datapath.onDrop(`drop_action_${action.cause}`);
        packet.device.kernel.drop(packet, "OVS_DROP_LAST_ACTION", datapath.name);
        return;
      case "ct":
        if (!track(datapath, packet, key, actions, at)) return;
        break;
    }
  }
  if (last < 0) packet.device.kernel.drop(packet, "OVS_DROP_LAST_ACTION", datapath.name);
}

/** The action ct at a place in `actions`. False if the packet has gone on from there, waits, or is dropped. */
function track(
  datapath: Datapath,
  packet: Packet,
  key: Flow,
  actions: readonly DpAction[],
  at: number,
): boolean {
  const { conntrack } = datapath;
  const action = actions[at];
  if (action?.type !== "ct") return true;
  const fate = conntrack.execute(packet, key, action.request);
  if (fate === "dropped") packet.device.kernel.drop(packet, "OVS_DROP_CONNTRACK", datapath.name);
  const released = conntrack.takeReleased();
  if (released.length === 0) return fate === "goes on";
  const rest = actions.slice(at + 1);
  if (fate === "goes on") execute(datapath, packet, key, rest);
  for (const onward of released) execute(datapath, onward.packet, onward.key, rest);
  return false;
}

/** A port that is down takes nothing, and counts nothing; a program may send by a device without a carrier. */
function takes({ kind }: Datapath, { device, takesAlways }: DpPort): boolean {
  return takesAlways === true || (device.up && (device.carrier || kind !== "kernel"));
}

/** A tunnel's port; one that was made by hand is a device like others to the kernel. */
function sendsTunnelled({ type, device }: DpPort): boolean {
  if (type === "system") return device.takesTunnelMetadata;
  return type !== "internal" && type !== "dummy";
}

/** do_output() */
function output(datapath: Datapath, packet: Packet, number: number): void {
  const port = datapath.ports[number];
  if (port === undefined) datapath.onDrop("datapath_drop_invalid_port");
  if (port === undefined || !takes(datapath, port)) {
    packet.device.kernel.drop(packet, "DEV_READY", datapath.name);
    return;
  }
  datapath.statistics.sent++;
  datapath.statistics.batches++;
  if (packet.tunnel !== undefined && !sendsTunnelled(port)) packet.tunnel = undefined;
  port.send(packet);
}

function popVlan(datapath: Datapath, packet: Packet): void {
  if (packet.vlanTci < 0) {
    extractFlow(packet, scratch);
    if (word(scratch, W.VLAN) === 0) return;
    datapath.host.untag(packet);
  }
  packet.vlanTci = -1;
  // the tag below becomes the outer one, which is kept beside the frame
  extractFlow(packet, scratch);
  if (word(scratch, W.VLAN) !== 0) datapath.host.untag(packet);
}

function set(packet: Packet, key: Flow, action: DpAction & { readonly type: "set" }): void {
  const { value, mask, group } = action;
  switch (group) {
    case "tunnel":
      packet.tunnel = tunnelInstructions(value);
      return;
    case "skb_priority":
      packet.priority = (packet.priority & ~word(mask, W.SKB_PRIORITY)) | word(value, W.SKB_PRIORITY);
      key[W.SKB_PRIORITY] = packet.priority;
      return;
    case "skb_mark":
      packet.mark = ((packet.mark & ~word(mask, W.PKT_MARK)) | word(value, W.PKT_MARK)) >>> 0;
      key[W.PKT_MARK] = packet.mark;
      return;
    default:
      packet.writable();
      extractFlow(packet, scratch);
      writeFields(packet, scratch, group, value, mask);
  }
}

/** What looking a packet up has left with it (dp_packet_get_rss_hash). */
function packetHash(packet: Packet, tags: number): number {
  extractFlow(packet, scratch, tags);
  return hashFiveTuple(scratch, 0);
}

/**
 * OVS_ACTION_ATTR_HASH of odp_execute_actions(). For L4 it is the hash that looking the packet up has left with it, mixed with the
 * basis. The kernel's own hash is keyed at random; there, this one stands for it.
 */
function dpHash(packet: Packet, tags: number, algorithm: "l4" | "sym_l4", basis: number): number {
  const left = packetHash(packet, tags);
  const hash = algorithm === "l4" ? hashInt(left, basis) : hashSymmetricL3L4(scratch, basis, false);
  return hash === 0 ? 1 : hash;
}
