/** Packet-in and packet-out as Open vSwitch prints them. */
import { dottedHex, formatActions, formatReason } from "./action-text.ts";
import { hex } from "./field-text.ts";
import { NO_BUFFER } from "./flow-mod.ts";
import { KeyWord } from "./flow-key.ts";
import { bareDump } from "./hex-dump.ts";
import { DEFAULT_PRIORITY, formatMatch } from "./match-text.ts";
import { formatTable } from "./names.ts";
import type { Names } from "./names.ts";
import { metadataPort } from "./packet-messages.ts";
import type { Continuation, PacketIn, PacketOut } from "./packet-messages.ts";
import { formatPacket } from "./packet-text.ts";

const UNKNOWN = 0xffff_ffff_ffff_ffffn;

function continuationText(continuation: Continuation, verbosity: number, names: Names | undefined): string {
  let text = "";
  if (verbosity === 0 && continuation.stack.length === 0) return "";
  if (continuation.stack.length > 0) {
    text += " continuation.stack=(top)";
    for (const entry of continuation.stack.toReversed())
      text += ` ${[...entry].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    text += " (bottom)\n";
  }
  if (continuation.mirrors !== 0) text += ` continuation.mirrors=${hex(continuation.mirrors)}\n`;
  if (continuation.conntracked) text += " continuation.conntracked=true\n";
  if (continuation.table !== undefined)
    text += ` continuation.table_id=${formatTable(continuation.table, names)}\n`;
  if (continuation.cookie !== undefined && continuation.cookie !== 0n)
    text += ` continuation.cookie=${hex(continuation.cookie)}\n`;
  if (continuation.actions.length > 0)
    text += ` continuation.actions=${formatActions(continuation.actions, names)}\n`;
  if (continuation.actionSet.length > 0)
    text += ` continuation.action_set=${formatActions(continuation.actionSet, names)}\n`;
  return text;
}

export function formatPacketIn(
  body: Omit<PacketIn, "type">,
  verbosity: number,
  names: Names | undefined,
): string {
  let text = "";
  if (body.table !== 0) text += ` table_id=${formatTable(body.table, names)}`;
  if (body.cookie !== UNKNOWN) text += ` cookie=${hex(body.cookie)}`;
  text += ` total_len=${body.totalLength} `;
  text += formatMatch(body.metadata, DEFAULT_PRIORITY, names);
  text += ` (via ${formatReason(body.reason)})`;
  text += ` data_len=${body.packet.length}`;
  if (body.bufferId === NO_BUFFER) {
    text += " (unbuffered)";
    if (body.totalLength !== body.packet.length) text += " (***total_len != data_len***)";
  } else {
    text += ` buffer=0x${body.bufferId.toString(16).padStart(8, "0")}`;
    if (body.totalLength < body.packet.length) text += " (***total_len < data_len***)";
  }
  text += "\n";
  if (body.userdata !== undefined && body.userdata.length > 0)
    text += ` userdata=${dottedHex(body.userdata)}\n`;
  if (verbosity > 0 && body.continuation) text += continuationText(body.continuation, verbosity, names);
  if (verbosity > 0) text += `${formatPacket(body.packet, names)}\n`;
  if (verbosity > 2) text += bareDump(body.packet);
  return text;
}

export function formatPacketOut(body: PacketOut, verbosity: number, names: Names | undefined): string {
  let text = ` ${formatMatch(body.metadata, DEFAULT_PRIORITY, names)} actions=${formatActions(body.actions, names)}`;
  if (metadataPort(body.metadata) === 0xffff && body.metadata.mask[KeyWord.IN_PORT] === 0)
    text = ` actions=${formatActions(body.actions, names)}`;
  if (body.bufferId !== NO_BUFFER) return `${text} buffer=0x${body.bufferId.toString(16).padStart(8, "0")}\n`;
  text += ` data_len=${body.packet.length}`;
  if (verbosity > 0 && body.packet.length > 0) {
    text += `\n${formatPacket(body.packet, names)}\n`;
    return verbosity > 2 ? text + bareDump(body.packet) : text;
  }
  return `${text}\n`;
}
