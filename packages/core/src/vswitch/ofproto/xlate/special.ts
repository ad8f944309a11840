// What happens to a packet before any flow table sees it: packets of protocols that the switch itself speaks on the port, and ports
// that may not receive (process_special, may_receive).

import { cfmTakes, receiveCfm } from "../cfm/cfm-port.ts";
import { SLOW_PROTOCOLS_ETHERTYPE } from "../../../wire/lacp.ts";
import { DL_TYPE_NONE, dlType, macAt, unwildcardMac, W } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import type { OfPort } from "../port.ts";
import { SLOW } from "./context.ts";
import type { XlateContext } from "./context.ts";

/** 01:80:c2:00:00:00, IEEE 802.1D table 7-10. */
const STP_ADDRESS = 0x0180_c200_0000;

export function isStpFrame(flow: Flow): boolean {
  return dlType(flow) === DL_TYPE_NONE && macAt(flow, W.ETH_DST) === STP_ADDRESS;
}

/** True if the packet was for the switch itself. */
export function processSpecial(context: XlateContext, port: OfPort): boolean {
  const { bridge, flow, wildcards, input } = context;
  const { cfm, bfd, lldp } = port;
  const { monitor } = bridge;
  if (cfm && cfmTakes(cfm, flow, wildcards)) {
    if (input.packet && input.sideEffects && monitor) {
      receiveCfm(cfm, input.packet, monitor.now);
      monitor.poke();
    }
    context.slow |= SLOW.CFM;
    return true;
  }
  if (bfd?.takes(flow, wildcards) === true) {
    if (input.packet && input.sideEffects && monitor) {
      bfd.receive(input.packet, monitor.now);
      monitor.poke();
    }
    context.slow |= SLOW.BFD;
    return true;
  }
  const { lacp } = port.bundle ?? {};
  if (lacp && dlType(flow) === SLOW_PROTOCOLS_ETHERTYPE) {
    if (input.packet && input.sideEffects) bridge.receiveLacp(port, lacp, input.packet);
    context.slow |= SLOW.LACP;
    return true;
  }
  if (bridge.stp || bridge.rstp) {
    if (dlType(flow) === DL_TYPE_NONE) unwildcardMac(wildcards, W.ETH_DST);
    if (isStpFrame(flow)) {
      if (input.packet && input.sideEffects) bridge.receiveBpdu(port, input.packet);
      context.slow |= SLOW.STP;
      return true;
    }
  }
  if (lldp?.takes(flow) !== true) return false;
  if (input.packet && input.sideEffects) lldp.receive(input.packet);
  context.slow |= SLOW.LLDP;
  return true;
}

/** may_receive() */
export function mayReceive(context: XlateContext, port: OfPort): boolean {
  const stp = isStpFrame(context.flow);
  if (stp ? port.config.noReceiveStp : port.config.noReceive) return false;
  // A port that neither forwards nor learns has nothing to say to the flow tables.
  if (port.stp) return port.stp.forwards || port.stp.learns;
  if (port.rstp) return port.rstp.forwards || port.rstp.learns;
  return true;
}
