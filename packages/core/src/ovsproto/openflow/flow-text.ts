/** Flow mods and flow statistics as Open vSwitch prints them. */
import { formatActions } from "./action-text.ts";
import { formatDuration } from "./duration-text.ts";
import { hex } from "./field-text.ts";
import type { FlowStats } from "./flow-messages.ts";
import { KEEP_COOKIE, NO_BUFFER, PORT_ANY } from "./flow-mod.ts";
import type { FlowFlags, FlowMod } from "./flow-mod.ts";
import { DEFAULT_PRIORITY, formatMatch } from "./match-text.ts";
import { formatPort, formatTable, inkOf } from "./names.ts";
import type { Names } from "./names.ts";
import { formatCounter } from "./port-text.ts";

const FLAG_WORDS: readonly (readonly [keyof FlowFlags, string])[] = [
  ["sendFlowRemoved", "send_flow_rem"],
  ["checkOverlap", "check_overlap"],
  ["resetCounts", "reset_counts"],
  ["noPacketCounts", "no_packet_counts"],
  ["noByteCounts", "no_byte_counts"],
];

function flagWords(flags: FlowFlags): string {
  return FLAG_WORDS.map(([name, word]) => (flags[name] ? `${word} ` : "")).join("");
}

const COMMAND_WORDS = {
  add: "ADD",
  modify: "MOD",
  modify_strict: "MOD_STRICT",
  delete: "DEL",
  delete_strict: "DEL_STRICT",
} as const;

/** All behind the head. @param match as it is shown, if in a way of its own, which does not tell the priority */
export function formatFlowMod(
  mod: FlowMod,
  version: number,
  names: Names | undefined,
  asMatch?: string,
): string {
  let text = `${COMMAND_WORDS[mod.command]} `;
  if (mod.table !== 0) text += `table:${formatTable(mod.table, names)} `;
  const match = asMatch ?? formatMatch(mod.match, mod.priority, names);
  if (match !== "") text += `${match} `;
  if (mod.newCookie !== 0n && mod.newCookie !== KEEP_COOKIE) text += `cookie:${hex(mod.newCookie)} `;
  if (mod.cookieMask !== 0n) text += `cookie:${hex(mod.cookie)}/${hex(mod.cookieMask)} `;
  if (mod.idleTimeout !== 0) text += `idle:${mod.idleTimeout} `;
  if (mod.hardTimeout !== 0) text += `hard:${mod.hardTimeout} `;
  if (mod.importance !== 0) text += `importance:${mod.importance} `;
  if (asMatch !== undefined && mod.priority !== DEFAULT_PRIORITY) text += `pri:${mod.priority} `;
  if (mod.bufferId !== NO_BUFFER) text += `buf:${hex(mod.bufferId)} `;
  if (mod.outPort !== PORT_ANY) text += `out_port:${formatPort(mod.outPort, names)} `;
  // Additions of the old versions clear counters anyway, so that is not said.
  const implied = version <= 2 && mod.command === "add";
  text += flagWords(implied ? { ...mod.flags, resetCounts: false } : mod.flags);
  return `${text}actions=${formatActions(mod.actions, names)}`;
}

/** One line of `dump-flows`. */
export function formatFlowStats(flow: FlowStats, showStats: boolean, names?: Names): string {
  const ink = inkOf(names);
  const param = (name: string, value: number | string | bigint) => `${ink("param", `${name}=`)}${value}, `;
  let text = " ";
  if (showStats || flow.cookie !== 0n) text += param("cookie", hex(flow.cookie));
  if (showStats) text += param("duration", formatDuration(flow.seconds, flow.nanoseconds));
  if (showStats || flow.table !== 0 || names?.tables?.has(flow.table) === true)
    text += `${ink("special", "table=")}${formatTable(flow.table, names)}, `;
  if (showStats) {
    text += param("n_packets", formatCounter(flow.packets));
    text += param("n_bytes", formatCounter(flow.bytes));
  }
  if (flow.idleTimeout !== 0) text += param("idle_timeout", flow.idleTimeout);
  if (flow.hardTimeout !== 0) text += param("hard_timeout", flow.hardTimeout);
  const flags = flagWords(flow.flags).trimEnd();
  if (flags !== "") text += `${flags} `;
  if (flow.importance !== 0) text += param("importance", flow.importance);
  if (showStats && flow.idleAge !== undefined && flow.idleAge >= 0) text += param("idle_age", flow.idleAge);
  if (showStats && flow.hardAge !== undefined && flow.hardAge !== flow.seconds)
    text += param("hard_age", flow.hardAge);
  const match = formatMatch(flow.match, flow.priority, names);
  if (match !== "") text += `${match} `;
  return `${text}${ink("actions", "actions=")}${formatActions(flow.actions, names)}`;
}
