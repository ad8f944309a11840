// Dumps as files (`save`, `restore`, `showdump`): a magic number and the kernel's messages, all in the byte order of
// the host that wrote them.

import { ERRNO } from "../../netlink/errno.ts";
import { readU32Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { decodeMessages, encodeMessages, NLM_F, NLMSG_HEADER_LENGTH } from "../../netlink/message.ts";
import type { NetlinkMessage } from "../../netlink/message.ts";
import { CommandFailed, fail, giveUp } from "./arguments.ts";
import type { Session } from "./session.ts";

/** What a file is a dump of. */
export interface DumpFormat {
  readonly magic: number;
  /** As messages name it. */
  readonly noun: string;
  /** Exit code when the file is a dump of something else. */
  readonly mismatch: number;
  /** Exit code when a message is cut off or refused. */
  readonly broken: number;
}

export const ADDRESS_DUMP: DumpFormat = { magic: 0x4736_1222, noun: "address", mismatch: 255, broken: 255 };
export const ROUTE_DUMP: DumpFormat = { magic: 0x4531_1224, noun: "route", mismatch: 1, broken: 2 };
export const RULE_DUMP: DumpFormat = { magic: 0x7170_6986, noun: "rule", mismatch: 255, broken: 255 };

const MAGIC_LENGTH = 4; // bytes

/** Starts a file on standard output, which may not be a terminal. */
export function beginDump({ process }: Session, format: DumpFormat): void {
  if (process.stdout.terminal !== undefined) giveUp(process, "Not sending a binary stream to stdout\n");
  const magic = new Uint8Array(MAGIC_LENGTH);
  writeU32Host(magic, 0, format.magic);
  process.write(1, magic);
}

/** Appends messages, whole with their headers. */
export function writeDump({ process }: Session, messages: readonly NetlinkMessage[]): void {
  if (messages.length > 0) process.write(1, encodeMessages(messages));
}

/** The messages of a file, and whether it ends in the middle of one. */
export interface DumpFile {
  readonly messages: readonly NetlinkMessage[];
  readonly truncated: boolean;
}

/** Reads a file from standard input. */
export async function readDump(session: Session, format: DumpFormat): Promise<DumpFile> {
  const { process } = session;
  if (process.fds.get(0)?.output?.terminal !== undefined) {
    giveUp(process, `Can't restore ${format.noun} dump from a terminal\n`, format.mismatch);
  }
  const bytes = await readAll(session);
  const whole = bytes.length >= MAGIC_LENGTH;
  const magic = whole ? readU32Host(bytes, 0) : 0;
  if (magic !== format.magic) {
    const text = `Magic mismatch (${whole ? 1 : 0} elems, ${magic.toString(16)} magic)\n`;
    fail(process, format.mismatch, text);
  }
  const body = bytes.subarray(MAGIC_LENGTH);
  const { messages } = decodeMessages(body);
  const end = messages.reduce((sum, message) => sum + NLMSG_HEADER_LENGTH + message.body.length, 0);
  return { messages, truncated: end < body.length };
}

async function readAll({ process }: Session): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = await process.read();
    if (part === null) break;
    if (part !== undefined) parts.push(part);
  }
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let off = 0;
  for (const part of parts) {
    all.set(part, off);
    off += part.length;
  }
  return all;
}

/** Gives messages back to the kernel. What is there already stays as it is, though the refusal is printed. */
export function restoreMessages(
  session: Session,
  format: DumpFormat,
  messages: readonly NetlinkMessage[],
): void {
  for (const { type, body } of messages) {
    const answer = session.rtnl.change(type, NLM_F.CREATE, body);
    if (!answer.ok && answer.errno !== ERRNO.EEXIST) throw new CommandFailed(format.broken);
  }
}

/** After the last whole message of a file. */
export function refuseTruncated({ process }: Session, format: DumpFormat, { truncated }: DumpFile): void {
  if (truncated) giveUp(process, "rtnl-from_file: truncated message\n", format.broken);
}
