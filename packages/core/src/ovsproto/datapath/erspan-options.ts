// Options of ERSPAN tunnels (set_tunnel_config and get_tunnel_config of Open vSwitch's lib/netdev-vport.c): the version of the
// header, and what a header of that version has. Each may be left to the flows.

import type { ErspanConfig } from "./erspan-header.ts";

/** Index of version 1: 20 bits. */
const INDEX_ONES = 0xfffff;
/** Hardware id of version 2: 6 bits. */
const HARDWARE_ONES = 0x3f;

export const NO_ERSPAN: ErspanConfig = { version: 0, index: 0, direction: 0, hardwareId: 0 };
const ALL_FLOW: ErspanConfig = { version: "flow", index: "flow", direction: "flow", hardwareId: "flow" };

/** strtol() with base 16. */
function hexadecimal(text: string): number {
  const found = /^\s*([+-]?)(?:0x)?([0-9a-f]+)/i.exec(text);
  const value = Number.parseInt(found?.[2] ?? "0", 16) | 0;
  return found?.[1] === "-" ? -value : value;
}

/** `config` with an option put in; a text is what is wrong with it, undefined: it is none of these options. */
export function parseErspanOption(
  config: ErspanConfig,
  name: string,
  text: string,
): ErspanConfig | string | undefined {
  const flow = text === "flow";
  switch (name) {
    case "erspan_idx": {
      const index = flow ? "flow" : hexadecimal(text);
      if (index !== "flow" && (index & ~INDEX_ONES) !== 0) return `invalid erspan index: ${text}`;
      return { ...config, index };
    }
    case "erspan_ver": {
      if (flow) return ALL_FLOW;
      const version = Number.parseInt(text, 10) || 0;
      if (version !== 1 && version !== 2) return `invalid erspan version: ${text}`;
      return { ...config, version };
    }
    case "erspan_dir": {
      const direction = flow ? "flow" : Number.parseInt(text, 10) || 0;
      if (direction !== "flow" && direction !== 0 && direction !== 1) {
        return `invalid erspan direction: ${text}`;
      }
      return { ...config, direction };
    }
    case "erspan_hwid": {
      const hardwareId = flow ? "flow" : hexadecimal(text);
      if (hardwareId !== "flow" && (hardwareId & ~HARDWARE_ONES) !== 0) {
        return `invalid erspan hardware ID: ${text}`;
      }
      return { ...config, hardwareId };
    }
    default:
      return undefined;
  }
}

const hex = (value: number | "flow") =>
  value === "flow" ? value : value === 0 ? "0" : `0x${value.toString(16)}`;

/** What is shown of them, by name. */
export function formatErspanOptions(config: ErspanConfig): ReadonlyMap<string, string> {
  const { version, index, direction, hardwareId } = config;
  if (version === "flow") {
    return new Map(["ver", "idx", "dir", "hwid"].map((name) => [`erspan_${name}`, "flow"]));
  }
  const words = new Map([["erspan_ver", String(version)]]);
  if (version === 1) words.set("erspan_idx", hex(index));
  if (version === 2) words.set("erspan_dir", String(direction)).set("erspan_hwid", hex(hardwareId));
  return words;
}
