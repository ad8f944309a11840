// Commands about spanning trees (lib/stp.c, lib/rstp.c): stp/show, stp/tcn, rstp/show, rstp/tcn.

import { formatMac } from "../../../wire/mac.ts";
import type { BridgeId } from "../../../wire/stp.ts";
import type { OfPort } from "../../ofproto/port.ts";
import { BridgeRstp } from "../../ofproto/spanning-tree/bridge-rstp.ts";
import { BridgeStp } from "../../ofproto/spanning-tree/bridge-stp.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

export function registerSpanningTreeCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const trees = <T extends { readonly serial: number }>(
    name: string | undefined,
    refusal: string,
    of: (bridge: { stp: unknown; rstp: unknown }) => T | undefined,
  ) => {
    const found = [...daemon.bridgeOrder.values()].flatMap(({ name: each, bridge }) => {
      const tree = name === undefined || name === each ? of(bridge) : undefined;
      return tree === undefined ? [] : [{ name: each, tree }];
    });
    if (name !== undefined && found.length === 0) throw new CommandError(refusal);
    return found.sort((a, b) => a.tree.serial - b.tree.serial);
  };
  const slow = (name?: string) =>
    trees(name, "no such stp object", ({ stp }) => (stp instanceof BridgeStp ? stp : undefined));
  const rapid = (name?: string) =>
    trees(name, "No such RSTP object", ({ rstp }) => (rstp instanceof BridgeRstp ? rstp : undefined));

  server.register("stp/show", "[bridge]", 0, 1, ([name]) =>
    slow(name)
      .map(({ name: bridge, tree }) => showStp(bridge, tree))
      .join(""),
  );
  server.register("stp/tcn", "[bridge]", 0, 1, ([name]) => {
    for (const { tree } of slow(name)) tree.machine.notifyTopologyChange();
    return "OK";
  });
  server.register("rstp/show", "[bridge]", 0, 1, ([name]) =>
    rapid(name)
      .map(({ name: bridge, tree }) => showRstp(bridge, tree))
      .join(""),
  );
  server.register("rstp/tcn", "[bridge]", 0, 1, ([name]) => {
    for (const { tree } of rapid(name)) tree.machine.notifyTopologyChange();
    return "OK";
  });
}

/** Seconds; `width` of the words before. */
function details(id: BridgeId, hello: number, maxAge: number, delay: number, width: number): string {
  const line = (word: string, value: string | number) => `  ${word.padEnd(width)}${value}\n`;
  return (
    line("stp-priority", id.priority) +
    // the original's columns do not line up
    `  stp-system-id   ${formatMac(id.mac)}\n` +
    `  stp-hello-time  ${hello}s\n` +
    `  stp-max-age     ${maxAge}s\n` +
    `  stp-fwd-delay   ${delay}s\n`
  );
}

function cell(text: string, width = 11): string {
  return text.slice(0, width - 1).padEnd(width);
}

const whole = (milliseconds: number) => Math.floor(milliseconds / 1000);

function showStp(name: string, { machine, ports }: BridgeStp): string {
  const { current, own, rootPort } = machine;
  const nameOf = (port: unknown) => [...ports].find(([, each]) => each === port)?.[0].name ?? "";
  const root = machine.isRoot
    ? "  This bridge is the root\n"
    : `  root-port       ${nameOf(rootPort)}\n  root-path-cost  ${machine.rootPathCost}\n`;
  // the original's times are the wrong way round: the root's are what is configured here, the bridge's those that are in force
  let text =
    `---- ${name} ----\nRoot ID:\n` +
    details(machine.designatedRoot, whole(own.helloTime), whole(own.maxAge), whole(own.forwardDelay), 14) +
    `${root}\nBridge ID:\n` +
    details(machine.id, whole(current.helloTime), whole(current.maxAge), whole(current.forwardDelay), 14) +
    "\n  Interface  Role       State      Cost  Pri.Nbr \n" +
    "  ---------- ---------- ---------- ----- -------\n";
  for (const [port, state] of byNumber(ports)) {
    text +=
      `  ${cell(port.name)}${cell(machine.roleOf(state))}${cell(state.state)}` +
      `${String(state.pathCost).padEnd(6)}${state.priority}.${state.number}\n`;
  }
  return `${text}\n`;
}

function showRstp(name: string, { machine, ports }: BridgeRstp): string {
  const { rootTimes, times, rootPort, rootPriority } = machine;
  const nameOf = (port: unknown) => [...ports].find(([, each]) => each === port)?.[0].name ?? "";
  const root = machine.isRoot
    ? "  This bridge is the root\n"
    : `  root-port       ${nameOf(rootPort)}\n  root-path-cost  ${rootPriority.cost}\n`;
  let text =
    `---- ${name} ----\nRoot ID:\n` +
    details(rootPriority.root, rootTimes.helloTime, rootTimes.maxAge, rootTimes.forwardDelay, 16) +
    `${root}\nBridge ID:\n` +
    details(machine.id, times.helloTime, times.maxAge, times.forwardDelay, 16) +
    "\n  Interface  Role       State      Cost     Pri.Nbr \n" +
    "  ---------- ---------- ---------- -------- -------\n";
  for (const [port, state] of byNumber(ports)) {
    text +=
      `  ${cell(port.name)}${cell(state.role)}${cell(state.state)}` +
      `${String(state.pathCost).padEnd(9)}${state.priority}.${state.number}\n`;
  }
  return `${text}\n`;
}

function byNumber<S extends { readonly number: number }>(ports: ReadonlyMap<OfPort, S>): [OfPort, S][] {
  return [...ports].toSorted(([, a], [, b]) => a.number - b.number);
}
