// Packets that a controller sends (handle_packet_out): executed as actions or through the flow tables.

import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { PacketOut } from "../../../ovsproto/openflow/packet-messages.ts";
import { extractFlow } from "../../../ovsproto/flow/extract.ts";
import { newFlow, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Bridge } from "../bridge.ts";
import { LOCAL_PORT } from "../bridge.ts";
import { translate } from "../xlate/translate.ts";
import { checkActions } from "./flows.ts";

const NO_BUFFER = 0xffff_ffff;

/** Errors: OpenflowError. */
export function executePacketOut(bridge: Bridge, message: PacketOut): void {
  if (message.bufferId !== NO_BUFFER) throw new OpenflowError("OFPBRC_BUFFER_UNKNOWN");
  checkActions(bridge, message.actions);
  const { datapath } = bridge.backer;
  const device = bridge.port(LOCAL_PORT)?.device ?? datapath.local;
  const packet = datapath.host.allocate(device, message.packet.length);
  packet.bytes.set(message.packet, packet.start);
  const flow = newFlow();
  const { value, mask } = message.metadata;
  for (let at = 0; at < W.ETH_DST; at++) flow[at] = word(value, at) & word(mask, at);
  extractFlow(packet, flow, datapath.tagLimit);
  const inPort = bridge.port(word(flow, W.IN_PORT));
  const out = translate({
    bridge,
    flow,
    inPort,
    packet,
    sideEffects: true,
    statistics: {
      packets: 1,
      bytes: message.packet.length,
      used: bridge.backer.now,
      tcpFlags: 0,
    },
    cache: undefined,
    actions: bridge.tlvTable.resolveActions(message.actions),
    inPacketOut: true,
  });
  const key = flow.slice();
  key[W.IN_PORT] = inPort?.datapathPort ?? 0xffff_ffff;
  const actions = bridge.backer.explicitActions(out);
  bridge.backer.datapathLog?.executed(packet, key, actions);
  datapath.executeFor(packet, key, actions);
}
