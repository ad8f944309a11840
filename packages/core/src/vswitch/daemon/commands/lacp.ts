// Commands about LACP (lib/lacp.c): lacp/show, lacp/show-stats.

import { LacpState } from "../../../wire/lacp.ts";
import type { LacpInformation } from "../../../wire/lacp.ts";
import { formatMac } from "../../../wire/mac.ts";
import type { Lacp, LacpMember } from "../../ofproto/lacp/lacp.ts";
import type { OfPort } from "../../ofproto/port.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

type BundleLacp = Lacp<OfPort>;

const STATES: readonly (readonly [number, string])[] = [
  [LacpState.ACTIVITY, "activity"],
  [LacpState.TIMEOUT, "timeout"],
  [LacpState.AGGREGATION, "aggregation"],
  [LacpState.SYNCHRONIZED, "synchronized"],
  [LacpState.COLLECTING, "collecting"],
  [LacpState.DISTRIBUTING, "distributing"],
  [LacpState.DEFAULTED, "defaulted"],
  [LacpState.EXPIRED, "expired"],
];

export function registerLacpCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  /** As they were made if all were made at once. */
  const objects = (): BundleLacp[] =>
    [...daemon.bridgeOrder.values()].flatMap(({ ports, portOrder }) =>
      [...portOrder.values()].flatMap((name) => ports.get(name)?.bundle.lacp ?? []),
    );
  const register = (command: string, text: (lacp: BundleLacp) => string) =>
    server.register(command, "[port]", 0, 1, ([name]) => {
      const found = objects().filter(({ settings }) => name === undefined || settings.name === name);
      if (name !== undefined && found.length === 0) throw new CommandError("no such lacp object");
      return found.map(text).join("");
    });
  register("lacp/show", show);
  register("lacp/show-stats", showStatistics);
}

function byName(lacp: BundleLacp): [OfPort, LacpMember][] {
  return [...lacp.members].toSorted(([, a], [, b]) => (a.settings.name < b.settings.name ? -1 : 1));
}

/** lacp_print_details() */
function show(lacp: BundleLacp): string {
  const { settings, keyMember } = lacp;
  let text =
    `---- ${settings.name} ----\n` +
    `  status: ${settings.active ? "active" : "passive"}${lacp.negotiated ? " negotiated" : ""}\n` +
    `  sys_id: ${formatMac(settings.systemId)}\n` +
    `  sys_priority: ${settings.systemPriority}\n` +
    `  aggregation key: ${keyMember ? keyMember.settings.key || keyMember.settings.portId : "none"}\n` +
    `  lacp_time: ${settings.fast ? "fast" : "slow"}\n`;
  for (const [port, member] of byName(lacp)) {
    const { name, portId, portPriority } = member.settings;
    text +=
      `\nmember: ${name}: ${member.status} ${member.attached ? "attached" : "detached"}\n` +
      `  port_id: ${portId}\n` +
      `  port_priority: ${portPriority}\n` +
      `  may_enable: ${lacp.mayEnable(port)}\n\n` +
      `${end("actor", lacp.actorOf(member))}\n${end("partner", member.partner)}`;
  }
  return text;
}

function end(which: string, information: LacpInformation): string {
  const states = STATES.filter(([bit]) => information.state & bit).map(([, name]) => ` ${name}`);
  return (
    `  ${which} sys_id: ${formatMac(information.systemId)}\n` +
    `  ${which} sys_priority: ${information.systemPriority}\n` +
    `  ${which} port_id: ${information.portId}\n` +
    `  ${which} port_priority: ${information.portPriority}\n` +
    `  ${which} key: ${information.key}\n` +
    `  ${which} state:${states.join("")}\n`
  );
}

/** lacp_print_stats() */
function showStatistics(lacp: BundleLacp): string {
  let text = `---- ${lacp.settings.name} statistics ----\n`;
  for (const [, { settings, statistics }] of byName(lacp)) {
    text +=
      `\nmember: ${settings.name}:\n` +
      `  TX PDUs: ${statistics.sent}\n` +
      `  RX PDUs: ${statistics.received}\n` +
      `  RX Bad PDUs: ${statistics.bad}\n` +
      `  RX Marker Request PDUs: ${statistics.markers}\n` +
      `  Link Expired: ${statistics.expired}\n` +
      `  Link Defaulted: ${statistics.defaulted}\n` +
      `  Carrier Status Changed: ${statistics.carrierChanged}\n`;
  }
  return text;
}
