/**
 * Names of ports and tables, which a switch tells (port and table descriptions) and the user may write instead of
 * numbers. Without them numbers are all there is.
 */
import { PLAIN_INK } from "./ink.ts";
import type { Ink } from "./ink.ts";
import { PORT_MAX, portFrom32, reservedPort, reservedPortName } from "./ports.ts";

/** How numbers and words of flow syntax are shown and understood. */
export interface Names {
  readonly ports?: ReadonlyMap<number, string>;
  readonly tables?: ReadonlyMap<number, string>;
  /** Colours for what is shown; none if left out. */
  readonly ink?: Ink;
  /** Hears what is odd but no error, as `ofp_port|WARN|...`. */
  readonly warn?: (module: string, message: string, level?: "WARN" | "ERR") => void;
}

export function inkOf(names: Names | undefined): Ink {
  return names?.ink ?? PLAIN_INK;
}

/** A name as it is, if the reader of flows takes it for one; else in quotes. */
function quoted(name: string): string {
  return /^[A-Za-z][A-Za-z0-9]*$/.test(name) ? name : JSON.stringify(name);
}

/** `1`, `LOCAL` or `"eth0"`. */
export function formatPort(port: number, names?: Names): string {
  const reserved = reservedPortName(port);
  if (reserved !== undefined) return reserved;
  const name = names?.ports?.get(port);
  return name === undefined ? String(port) : quoted(name);
}

/** `1` or `"classifier"`. */
export function formatTable(table: number, names?: Names): string {
  const name = names?.tables?.get(table);
  return name === undefined ? String(table) : quoted(name);
}

function unquoted(text: string): string | undefined {
  if (!text.startsWith('"')) return text;
  try {
    const name: unknown = JSON.parse(text);
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

function numberNamed(map: ReadonlyMap<number, string> | undefined, text: string): number | undefined {
  const name = unquoted(text);
  if (!map || name === undefined) return undefined;
  for (const [number, known] of map) if (known === name) return number;
  return undefined;
}

const RESERVED_OF10_LIMIT = 0xffff;
/** First of the 16-bit numbers that have a name. */
const FIRST_RESERVED = 0xfff7;

/** A port: number in either space, reserved name in any case, or a name that the switch gave. */
export function parsePort(text: string, names?: Names): number | undefined {
  if (text.startsWith("-") && /^-\d+$/.test(text)) {
    names?.warn?.("ofp_port", `Negative value ${text} is not a valid port number.`);
    return undefined;
  }
  const number = /^\s*\+?\d+$/.test(text) ? { value: BigInt(text.trim().replace("+", "")) } : undefined;
  if (number && number.value <= 0xffff_ffffn) {
    const port = Number(number.value);
    if (port < PORT_MAX) return port;
    if (port <= RESERVED_OF10_LIMIT) {
      const wide = port + 0xffff_0000;
      if (port >= FIRST_RESERVED) {
        names?.warn?.(
          "ofp_port",
          `referring to port ${reservedPortName(port) ?? text} as ${port} is deprecated for compatibility with OpenFlow 1.1 and later`,
        );
      } else {
        names?.warn?.(
          "ofp_port",
          `port ${port} is a reserved OF1.0 port number that will be translated to ${wide} when talking to an OF1.1 or later controller`,
        );
      }
      return port;
    }
    const narrow = portFrom32(port);
    if (narrow === undefined) {
      names?.warn?.(
        "ofp_port",
        `port ${port} is outside the supported range 0 through ffff or 0xffffff00 through 0xffffffff`,
      );
    }
    return narrow;
  }
  return reservedPort(text) ?? numberNamed(names?.ports, text);
}

const ALL_TABLES = 0xff;

/** A table: 0..254, or 255 and ALL for all of them, or a name that the switch gave. */
export function parseTable(text: string, names?: Names): number | undefined {
  if (/^-\d+$/.test(text)) {
    names?.warn?.("ofp_table", `Negative value ${text} is not a valid table number.`);
    return undefined;
  }
  const number = /^\s*\+?\d+$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
  if (number !== undefined && number <= 0xffff_ffffn) {
    if (number <= 0xffn) return Number(number);
    names?.warn?.("ofp_table", `table ${number} is outside the supported range 0 through 255`);
    return undefined;
  }
  if (text.toUpperCase() === "ALL") return ALL_TABLES;
  return numberNamed(names?.tables, text);
}
