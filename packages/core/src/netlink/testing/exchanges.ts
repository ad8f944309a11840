/**
 * Reads the recorded exchanges under `fixtures/`: what iproute2 6.1 and ethtool 6.1 sent and what a real kernel
 * answered (fixtures/README.md tells how they were made).
 */

import { readFileSync } from "node:fs";
import { decodeMessages, type NetlinkMessage } from "../message.ts";

export interface Exchange {
  readonly command: string;
  readonly sent: readonly NetlinkMessage[];
  readonly received: readonly NetlinkMessage[];
  /** Lines that are not netlink messages: structures of SIOCETHTOOL, `[mark, bytes]`. */
  readonly other: readonly (readonly [string, Uint8Array])[];
}

export type Profile = "linux-6.1" | "linux-6.18";

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function oneMessage(hex: string): NetlinkMessage {
  const [message, second] = decodeMessages(fromHex(hex)).messages;
  if (message === undefined || second !== undefined) throw new Error(`not one message: ${hex}`);
  return message;
}

/** Every exchange of one family, in the order of the recording. */
export function exchanges(profile: Profile, family: string): readonly Exchange[] {
  const file = new URL(`../fixtures/${profile}/${family}.hex`, import.meta.url);
  const all: {
    command: string;
    sent: NetlinkMessage[];
    received: NetlinkMessage[];
    other: [string, Uint8Array][];
  }[] = [];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [mark = "", ...rest] = line.split(" ");
    if (mark === "#") all.push({ command: rest.join(" "), sent: [], received: [], other: [] });
    else if (mark === ">") all.at(-1)?.sent.push(oneMessage(rest.join("")));
    else if (mark === "<") all.at(-1)?.received.push(oneMessage(rest.join("")));
    else if (mark !== "") all.at(-1)?.other.push([mark, fromHex(rest.join(""))]);
  }
  return all;
}

/** The exchange of one command. */
export function exchange(profile: Profile, family: string, command: string): Exchange {
  const found = exchanges(profile, family).find((each) => each.command === command);
  if (found === undefined) throw new Error(`no recording of: ${command}`);
  return found;
}
