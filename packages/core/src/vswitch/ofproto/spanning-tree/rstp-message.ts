// What a BPDU changes at the port that receives it: RECEIVE of the port information machine and the states behind it, IEEE
// 802.1D-2004 17.27.

import type { Bpdu, RstpPortRole, StpParameters } from "../../../wire/stp.ts";
import { comparePriorities, sameTimes } from "./rstp-port.ts";
import type { PriorityVector, RstpPort, RstpTimes } from "./rstp-port.ts";

/** BPDUs tell times in 1/256 s. */
const UNITS = 256;

/** RECEIVE and what follows it; rcvInfo() is 17.21.8. */
export function takeMessage(port: RstpPort, rapid: boolean): void {
  const { message } = port;
  if (!message) return;
  if (message.kind === "tcn") {
    port.rcvdTcn = true;
    return;
  }
  const role: RstpPortRole = message.kind === "config" ? "designated" : message.portRole;
  const priority: PriorityVector = {
    root: message.root,
    cost: message.rootPathCost,
    bridge: message.bridge,
    portId: message.portId,
  };
  const times = timesOf(message);
  const agreement = message.kind === "rapid" && message.agreement;
  if (role === "designated") {
    const order = comparePriorities(priority, port.portPriority);
    const sameSender =
      priority.bridge.mac === port.portPriority.bridge.mac &&
      (priority.portId & 0xff) === (port.portPriority.portId & 0xff);
    const superior = order < 0 || (sameSender && (order !== 0 || !sameTimes(times, port.portTimes)));
    if (superior || (order === 0 && port.infoIs !== "Received")) {
      port.agreed = port.proposing = false;
      noteProposal(port, message);
      noteTopologyFlags(port, message);
      port.agree = port.agree && comparePriorities(port.portPriority, priority) >= 0;
      noteAgreement(port, rapid && agreement);
      port.synced = port.synced && port.agreed;
      port.portPriority = priority;
      port.portTimes = times;
      restartInformation(port);
      port.infoIs = "Received";
      port.reselect = true;
      port.selected = false;
    } else if (order === 0) {
      noteProposal(port, message);
      noteTopologyFlags(port, message);
      noteAgreement(port, rapid && agreement);
      restartInformation(port);
    } else if (message.kind === "rapid" && message.learning) {
      port.disputed = true;
      port.agreed = false;
    }
    return;
  }
  if (role !== "unknown" && comparePriorities(priority, port.portPriority) >= 0) {
    noteAgreement(port, rapid && agreement);
    noteTopologyFlags(port, message);
  }
}

function noteProposal(port: RstpPort, message: Bpdu): void {
  if (message.kind === "rapid" && message.proposal) port.proposed = true;
}

function noteAgreement(port: RstpPort, agreement: boolean): void {
  port.agreed = port.pointToPoint && agreement;
  if (port.agreed) port.proposing = false;
}

/** updtRcvdInfoWhile(), 17.21.23 */
function restartInformation(port: RstpPort): void {
  const { messageAge, maxAge, helloTime } = port.portTimes;
  port.rcvdInfoWhile = messageAge + 1 <= maxAge ? 3 * helloTime : 0;
}

function timesOf(message: StpParameters): RstpTimes {
  return {
    messageAge: Math.floor(message.messageAge / UNITS),
    maxAge: Math.floor(message.maxAge / UNITS),
    helloTime: Math.max(1, Math.floor(message.helloTime / UNITS)),
    forwardDelay: Math.floor(message.forwardDelay / UNITS),
  };
}

/** setTcFlags(), 17.21.17 */
function noteTopologyFlags(port: RstpPort, message: Bpdu): void {
  if (message.kind === "tcn") return;
  if (message.topologyChange) port.rcvdTc = true;
  if (message.kind === "config" && message.topologyChangeAck) port.rcvdTcAck = true;
}
