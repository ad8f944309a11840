// Frames that the switch itself makes: sent out of a port through the pipeline's output, so that patch ports, tunnels and the
// spanning tree's checks are those of any packet (ofproto_dpif_send_packet).

import type { Action } from "../../ovsproto/openflow/actions.ts";
import { extractFlow } from "../flow/extract.ts";
import { newFlow, W } from "../flow/flow.ts";
import type { Bridge } from "./bridge.ts";
import { LOCAL_PORT } from "./bridge.ts";
import type { OfPort } from "./port.ts";
import { translate } from "./xlate/translate.ts";

/** OFPP_NONE. */
const NO_PORT = 0xffff;

export function sendFrame(bridge: Bridge, port: OfPort, frame: Uint8Array): void {
  const { datapath } = bridge.backer;
  const device = port.device ?? bridge.port(LOCAL_PORT)?.device ?? datapath.local;
  const packet = datapath.host.allocate(device, frame.length);
  packet.bytes.set(frame, packet.start);
  const flow = newFlow();
  flow[W.IN_PORT] = NO_PORT;
  extractFlow(packet, flow);
  const actions: Action[] = [{ type: "output", port: port.number, maxLength: 0 }];
  const out = translate({
    bridge,
    flow,
    inPort: undefined,
    packet,
    sideEffects: true,
    statistics: undefined,
    cache: undefined,
    actions,
  });
  const key = flow.slice();
  key[W.IN_PORT] = 0xffff_ffff;
  datapath.executeFor(packet, key, out.actions);
}
