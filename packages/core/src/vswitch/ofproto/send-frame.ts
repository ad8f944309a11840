// Frames that the switch itself makes: sent out of a port through the pipeline's output, so that patch ports, tunnels and the
// spanning tree's checks are those of any packet (ofproto_dpif_send_packet).

import type { NetDevice } from "../../kernel/device.ts";
import type { Action } from "../../ovsproto/openflow/actions.ts";
import { theField } from "../../ovsproto/openflow/fields.ts";
import { TUNNEL_FLAG } from "../../ovsproto/openflow/tunnel-flags.ts";
import { extractFlow } from "../../ovsproto/flow/extract.ts";
import { newFlow, W } from "../../ovsproto/flow/flow.ts";
import type { Bridge } from "./bridge.ts";
import { LOCAL_PORT } from "./bridge.ts";
import type { OfPort } from "./port.ts";
import { translate } from "./xlate/translate.ts";

const OAM = BigInt(TUNNEL_FLAG.OAM);
const SET_OAM: Action = { type: "set_field", field: theField("tun_flags"), value: OAM, mask: OAM };

/** OFPP_NONE. */
const NO_PORT = 0xffff;

/** @param oam with this flag, if the port is a tunnel that has such */
export function sendFrame(bridge: Bridge, port: OfPort, frame: Uint8Array, oam = false): void {
  bridge.ownFrames.packets++;
  bridge.ownFrames.bytes += frame.length;
  const output: Action = { type: "output", port: port.number, maxLength: 0 };
  executeActions(bridge, frame, port.device, undefined, oam ? [SET_OAM, output] : [output]);
}

/** ofproto_dpif_execute_actions(): a frame of the switch as if it had come in by `inPort`. */
export function executeActions(
  bridge: Bridge,
  frame: Uint8Array,
  device: NetDevice | undefined,
  inPort: OfPort | undefined,
  actions: readonly Action[],
): void {
  const { datapath } = bridge.backer;
  const packet = datapath.host.allocate(
    device ?? bridge.port(LOCAL_PORT)?.device ?? datapath.local,
    frame.length,
  );
  packet.bytes.set(frame, packet.start);
  const flow = newFlow();
  flow[W.IN_PORT] = inPort?.number ?? NO_PORT;
  extractFlow(packet, flow, datapath.tagLimit);
  const out = translate({
    bridge,
    flow,
    inPort,
    packet,
    sideEffects: true,
    statistics: undefined,
    cache: undefined,
    actions,
  });
  const key = flow.slice();
  key[W.IN_PORT] = inPort?.datapathPort ?? 0xffff_ffff;
  datapath.executeFor(packet, key, out.actions);
}
