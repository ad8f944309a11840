/** Packet-in and packet-out as Open vSwitch prints them. */
import { dottedHex, formatActions, formatReason } from "./action-text.ts";
import { alternateHex, hex } from "./field-text.ts";
import { uuidOfBytes } from "../ovsdb/uuid.ts";
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

function continuationText(continuation: Continuation, names: Names | undefined): string {
  const { bridge, stack, mirrors, conntracked, actions, actionSet, datapathPort } = continuation;
  let text = "";
  if (bridge) text += ` continuation.bridge=${uuidOfBytes(bridge)}\n`;
  if (stack.length > 0) {
    const entries = stack
      .toReversed()
      .map((entry) => alternateHex(entry.reduce((value, byte) => value * 256n + BigInt(byte), 0n)));
    text += ` continuation.stack=(top) ${entries.join(" ")} (bottom)\n`;
  }
  if (mirrors !== 0) text += ` continuation.mirrors=${hex(mirrors)}\n`;
  if (conntracked) text += " continuation.conntracked=true\n";
  if (actions.length > 0) text += ` continuation.actions=${formatActions(actions, names)}\n`;
  if (actionSet.length > 0) text += ` continuation.action_set=${formatActions(actionSet, names)}\n`;
  if (datapathPort !== 0) text += ` continuation.odp_port=${datapathPort}\n`;
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
  if (verbosity > 0 && body.continuation) text += continuationText(body.continuation, names);
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
