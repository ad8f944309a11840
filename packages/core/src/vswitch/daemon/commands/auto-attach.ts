// autoattach/*: ports that speak LLDP, who they have found, and services (lib/ovs-lldp.c).

import { readU16BE } from "../../../wire/bytes.ts";
import type { LldpNeighbour } from "../../../wire/lldp.ts";
import type { LldpAgent } from "../../ofproto/lldp/lldp-agent.ts";
import type { SwitchDaemon } from "../switchd.ts";
import type { UnixctlServer } from "../unixctl.ts";

/** enum aa_status */
const STATUS: ReadonlyMap<number, string> = new Map([
  [2, "Active"],
  [3, "Reject (Generic)"],
  [4, "Reject (AA resources unavailable)"],
  [6, "Reject (Invalid)"],
  [8, "Reject (VLAN resources unavailable)"],
  [9, "Reject (Application interaction issue)"],
  [255, "Pending"],
]);

export function registerAutoAttachCommands(server: UnixctlServer, { autoAttach }: SwitchDaemon): void {
  for (const [command, show] of [
    ["status", showStatus],
    ["show-isid", showServices],
    ["statistics", showStatistics],
  ] as const) {
    // all bridges, whichever is named
    server.register(`autoattach/${command}`, "[bridge]", 0, 1, () =>
      [...autoAttach.agents].map((agent) => show(agent)).join(""),
    );
  }
}

const hexadecimal = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");

function showStatus({ name, neighbours }: LldpAgent): string {
  return `LLDP: ${name}\n${neighbours.map((each) => showServer(each)).join("")}`;
}

const MAC_LENGTH = 6;

/** struct lldp_aa_element_system_id as it lies in memory: address, type of connection, ten bits, two bytes. */
function systemId(system: Uint8Array): string {
  const word = readU16BE(system, MAC_LENGTH);
  const connection = Uint8Array.of(word >>> 13, 0, word & 0xff, (word >>> 8) & 3);
  const rest = system.subarray(MAC_LENGTH + 2);
  return [system.subarray(0, MAC_LENGTH), connection, rest].map((bytes) => hexadecimal(bytes)).join(":");
}

/** A neighbour that takes part in Auto Attach. */
function showServer({ chassis, system, systemDescription }: LldpNeighbour): string {
  if (!system?.some((byte) => byte !== 0)) return "";
  const server = "  Auto Attach Primary Server";
  return (
    `${server} Id: ${hexadecimal(chassis.subarray(1))}\n` +
    `${server} Descr: ${systemDescription ?? "<None>"}\n${server} System Id: ${systemId(system)}\n`
  );
}

function showServices(agent: LldpAgent): string {
  agent.takeStatus();
  const row = (...[isid, vlan, source, status]: readonly [string, string, string, string]) =>
    `${isid.padEnd(8)} ${vlan.padEnd(4)} ${source.padEnd(11)} ${status}\n`;
  const rows = agent.mappings.map(({ isid, vlan, status }) =>
    row(String(isid), String(vlan), "Switch", (STATUS.get(status) ?? "Undefined").padEnd(11)),
  );
  const title = row("I-SID", "VLAN", "Source", "Status".padEnd(8));
  return `LLDP: ${agent.name}\n${title}-------- ---- ----------- --------\n${rows.join("")}`;
}

/** Nobody is ever too old, deleted or dropped in the original either (auto-attach.sh, beside it). */
function showStatistics({ name, counters }: LldpAgent): string {
  return (
    `Statistics: ${name}\n  tx cnt: ${counters.sent}\n  rx cnt: ${counters.received}\n  rx discarded cnt: ${counters.discarded}\n` +
    `  rx unrecognized cnt: ${counters.unrecognized}\n  ageout cnt: 0\n  insert cnt: ${counters.inserted}\n` +
    "  delete cnt: 0\n  drop cnt: 0\n"
  );
}
