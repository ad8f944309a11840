// What brctl reads of bridges and ports: attributes under /sys/class/net, as libbridge does.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";

const SYSFS = "/sys/class/net";
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Text of an attribute; undefined if it is not there. */
export function readAttribute(process: Process, path: string): string | undefined {
  try {
    return decoder.decode(process.files.readFile(`${SYSFS}/${path}`)).trimEnd();
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
}

/** An attribute's number; 0 if it is not there, as libbridge has it. */
export function readNumber(process: Process, path: string): number {
  return Number.parseInt(readAttribute(process, path) ?? "0", 10) || 0;
}

/** Errno of writing an attribute: 0 if it worked, undefined if there is no such file. */
export function writeAttribute(process: Process, path: string, value: number): number | undefined {
  let file;
  try {
    file = process.files.open(`${SYSFS}/${path}`, { write: true });
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
  try {
    file.write(encoder.encode(`${value}\n`));
    return 0;
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.errno;
    throw refusal;
  } finally {
    file.close();
  }
}

function entries(process: Process, path: string): string[] {
  try {
    return process.files.readDirectory(path).sort();
  } catch (refusal) {
    if (refusal instanceof Refusal) return [];
    throw refusal;
  }
}

export function isDevice(process: Process, name: string): boolean {
  return name !== "" && !name.includes("/") && readAttribute(process, `${name}/ifindex`) !== undefined;
}

export function isBridge(process: Process, name: string): boolean {
  return readAttribute(process, `${name}/bridge/bridge_id`) !== undefined;
}

/** Names of all bridges, in alphabetical order. */
export function bridges(process: Process): string[] {
  return entries(process, SYSFS).filter((name) => isBridge(process, name));
}

/** Names of a bridge's ports, in alphabetical order. */
export function ports(process: Process, bridge: string): string[] {
  return entries(process, `${SYSFS}/${bridge}/brif`);
}

/** An entry of the forwarding database: struct __fdb_entry of linux/if_bridge.h. */
export interface ForwardingEntry {
  readonly address: string;
  readonly port: number;
  readonly local: boolean;
  /** 1/100 s */
  readonly age: number;
}

const ENTRY_LENGTH = 16;

/** The forwarding database in its binary form; undefined if the device has none. */
export function forwardingEntries(process: Process, bridge: string): ForwardingEntry[] | undefined {
  let bytes;
  try {
    bytes = process.files.readFile(`${SYSFS}/${bridge}/brforward`);
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: ForwardingEntry[] = [];
  for (let at = 0; at + ENTRY_LENGTH <= bytes.length; at += ENTRY_LENGTH) {
    const mac = Array.from(bytes.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, "0"));
    found.push({
      address: mac.join(":"),
      port: view.getUint8(at + 6) | (view.getUint8(at + 12) << 8),
      local: view.getUint8(at + 7) !== 0,
      age: view.getUint32(at + 8, true),
    });
  }
  return found;
}
