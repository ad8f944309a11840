// The family ovs_packet: a program has a datapath process a packet of its own (OVS_PACKET_CMD_EXECUTE; ovs_packet_cmd_execute of
// net/openvswitch/datapath.c). Upcalls (OVS_PACKET_CMD_MISS, ACTION) go to the switch daemon inside the system and to no socket.

import type { GenericCommand } from "../../kernel/netlink/generic.ts";
import type { Request } from "../../kernel/netlink/handlers.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { OVS_PACKET_CMD, ovsPacket } from "../../netlink/generic/openvswitch.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { readActionBytes } from "../../ovsproto/datapath/action-attributes.ts";
import { readKeyAttributes } from "../../ovsproto/datapath/key-attributes.ts";
import { isVlanType, newFlow, W, word } from "../../ovsproto/flow/flow.ts";
import { extractFlow } from "../../ovsproto/flow/extract.ts";
import { readU16BE } from "../../wire/bytes.ts";
import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";
import { checkActions } from "../datapath/check-actions.ts";
import { datapathAt, decoded } from "./request.ts";

const ETHERTYPE_AT = 12;
const LEAST_FRAME = 14;

export function packetCommands(datapaths: KernelDatapaths): ReadonlyMap<number, GenericCommand> {
  return new Map<number, GenericCommand>([
    [OVS_PACKET_CMD.EXECUTE, { admin: true, doit: (request) => execute(datapaths, request) }],
  ]);
}

function execute(datapaths: KernelDatapaths, request: Request): void {
  const { packet: frame, key, actions: said, dpIfindex } = decoded(ovsPacket.decode(request.message.body));
  if (!frame || !key || !said || frame.length < LEAST_FRAME) throw new Refusal(ERRNO.EINVAL);
  const metadata = readKeyAttributes(key);
  if (metadata.wrong) throw new Refusal(ERRNO.EINVAL);
  const actions = readActionBytes(said);
  if (!actions) throw new Refusal(ERRNO.EINVAL);
  const datapath = datapathAt(datapaths, request, dpIfindex);
  const { host } = datapath;
  const from = datapath.ports[word(metadata.row, W.IN_PORT)]?.device ?? datapath.local;
  const packet = host.allocate(from, frame.length);
  packet.bytes.set(frame, packet.start);
  if (isVlanType(readU16BE(packet.bytes, packet.start + ETHERTYPE_AT))) host.untag(packet);
  const row = newFlow();
  row.set(metadata.row.subarray(0, W.ETH_DST));
  extractFlow(packet, row);
  checkActions(actions, row);
  packet.priority = word(row, W.SKB_PRIORITY);
  packet.mark = word(row, W.PKT_MARK);
  datapath.executeFor(packet, row, actions);
}
