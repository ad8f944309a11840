// Port role transitions of the rapid spanning tree, IEEE 802.1D-2004 17.29: how a port gets into the role that was selected for
// it, in agreement with its neighbour and in step with the other ports. Each function does one step and returns true, or
// finds nothing to do.

import type { RstpPort, RstpRole } from "./rstp-port.ts";

/** Seconds (table 17-1). */
const MIGRATE_TIME = 3;

// ---- 17.29, port role transitions

/** 17.20.5: with a rapid neighbour a wrong guess is noticed within a hello. */
function forwardDelayOf(port: RstpPort): number {
  return port.sendRstp ? port.designatedTimes.helloTime : port.designatedTimes.forwardDelay;
}

export function changeRole(ports: readonly RstpPort[], port: RstpPort, rapid: boolean): boolean {
  if (!port.selected || port.updtInfo) return false;
  const changed = port.role !== port.selectedRole;
  const role: RstpRole = port.selectedRole;
  switch (role) {
    case "Disabled":
      return runDisabled(port, changed);
    case "Root":
      if (changed) {
        port.role = role;
        port.rrWhile = port.designatedTimes.forwardDelay;
        return true;
      }
      return runRoot(ports, port, rapid);
    case "Designated":
      if (changed) {
        port.role = role;
        return true;
      }
      return runDesignated(port);
    case "Alternate":
    case "Backup":
      return runAlternate(ports, port, changed);
  }
}

function block(port: RstpPort): boolean {
  port.role = port.selectedRole;
  port.learn = port.forward = false;
  return true;
}

function runDisabled(port: RstpPort, changed: boolean): boolean {
  if (changed) return block(port);
  if (port.learning || port.forwarding) return false;
  if (port.synced && !port.sync && !port.reRoot && port.rrWhile === 0) return false;
  port.fdWhile = port.designatedTimes.maxAge;
  port.synced = true;
  port.rrWhile = 0;
  port.sync = port.reRoot = false;
  return true;
}

/** allSynced, 17.20.3. */
function allSynced(ports: readonly RstpPort[], port: RstpPort): boolean {
  return ports.every(
    (each) =>
      each === port ||
      each.role === "Root" ||
      (each.selected && each.role === each.selectedRole && each.synced),
  );
}

function syncAll(ports: readonly RstpPort[]): void {
  for (const port of ports) port.sync = true;
}

function runRoot(ports: readonly RstpPort[], port: RstpPort, rapid: boolean): boolean {
  const { forwardDelay } = port.designatedTimes;
  if (port.proposed && !port.agree) {
    syncAll(ports);
    port.proposed = false;
    // its own agreement follows when the others are in step
    return true;
  }
  if ((allSynced(ports, port) && !port.agree) || (port.proposed && port.agree)) {
    port.proposed = port.sync = false;
    port.agree = true;
    port.newInfo = true;
    return true;
  }
  if (!port.forward && !port.reRoot) {
    for (const each of ports) each.reRoot = true;
    return true;
  }
  if (port.reRoot && port.forward) {
    port.reRoot = false;
    return true;
  }
  const reRooted = ports.every((each) => each === port || each.rrWhile === 0);
  const may = port.fdWhile === 0 || (reRooted && port.rbWhile === 0 && rapid);
  if (may && !port.learn) {
    port.fdWhile = forwardDelayOf(port);
    port.learn = true;
    return true;
  }
  if (may && !port.forward) {
    port.fdWhile = 0;
    port.forward = true;
    return true;
  }
  if (port.rrWhile !== forwardDelay) {
    port.rrWhile = forwardDelay;
    return true;
  }
  return false;
}

function runDesignated(port: RstpPort): boolean {
  if (!port.forward && !port.agreed && !port.proposing && !port.operEdge) {
    port.proposing = true;
    port.edgeDelayWhile = port.pointToPoint ? MIGRATE_TIME : port.designatedTimes.maxAge;
    port.newInfo = true;
    return true;
  }
  const still = !port.learning && !port.forwarding;
  if (((still || port.agreed || port.operEdge) && !port.synced) || (port.sync && port.synced)) {
    port.rrWhile = 0;
    port.synced = true;
    port.sync = false;
    return true;
  }
  if (port.rrWhile === 0 && port.reRoot) {
    port.reRoot = false;
    return true;
  }
  const outOfStep = (port.sync && !port.synced) || (port.reRoot && port.rrWhile !== 0) || port.disputed;
  if (outOfStep && !port.operEdge && (port.learn || port.forward)) {
    port.learn = port.forward = port.disputed = false;
    port.fdWhile = forwardDelayOf(port);
    return true;
  }
  const may =
    (port.fdWhile === 0 || port.agreed || port.operEdge) &&
    (port.rrWhile === 0 || !port.reRoot) &&
    !port.sync;
  if (may && !port.learn) {
    port.learn = true;
    port.fdWhile = forwardDelayOf(port);
    return true;
  }
  if (may && !port.forward) {
    port.forward = true;
    port.fdWhile = 0;
    port.agreed = port.sendRstp;
    return true;
  }
  return false;
}

function runAlternate(ports: readonly RstpPort[], port: RstpPort, changed: boolean): boolean {
  if (changed) return block(port);
  if (port.learning || port.forwarding) return false;
  if (port.proposed && !port.agree) {
    syncAll(ports);
    port.proposed = false;
    return true;
  }
  if ((allSynced(ports, port) && !port.agree) || (port.proposed && port.agree)) {
    port.proposed = false;
    port.agree = true;
    port.newInfo = true;
    return true;
  }
  const backup = 2 * port.designatedTimes.helloTime;
  if (port.role === "Backup" && port.rbWhile !== backup) {
    port.rbWhile = backup;
    return true;
  }
  const delay = forwardDelayOf(port);
  if (port.fdWhile === delay && !port.sync && !port.reRoot && port.synced) return false;
  port.fdWhile = delay;
  port.synced = true;
  port.rrWhile = 0;
  port.sync = port.reRoot = false;
  return true;
}
