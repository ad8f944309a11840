// Names and lines of sysctl(8): "net.ipv4.ip_forward" and "net/ipv4/ip_forward" are one variable, and where the one has a
// dot inside a name ("eth0.10") the other has a slash. Lines are those of sysctl.conf(5).

import type { Process } from "../../system/process.ts";

export const ROOT = "/proc/sys/";

/** One line that sets something, or that keeps a name out of what patterns match. */
export interface Setting {
  readonly path: string;
  readonly value: string;
  /** The line began with "-": failures are told and do not count. */
  readonly ignoreFailure: boolean;
  /** The line was "-NAME" alone. */
  readonly exclude: boolean;
}

function warn(process: Process, text: string): void {
  process.warn(`${process.argv[0] ?? "sysctl"}: ${text}\n`);
}

/**
 * Exchanges dots and slashes, unless the name is written with the wanted one already, which its first separator tells.
 * Says so if two separators stand together.
 */
export function exchange(process: Process, name: string, from: "." | "/", to: "." | "/"): string {
  const first = name.search(/[./]/);
  if (first < 0 || name[first] === to) return name;
  const twice = name.search(/[./]{2}/);
  if (twice >= 0) warn(process, `separators should not be repeated: ${name.slice(twice)}`);
  return name.replace(/[./]/g, (letter) => (letter === from ? to : from));
}

/** The file of a variable. */
export function pathOf(process: Process, name: string): string {
  return ROOT + exchange(process, name, ".", "/");
}

/** The name of a file below ROOT as it is printed. */
export function nameOf(process: Process, path: string): string {
  return exchange(process, path.slice(ROOT.length), "/", ".");
}

const SHORTEST_LINE = 2; // letters; shorter ones say nothing

/**
 * Reads "NAME = VALUE". `source` and `line` are for the message. Undefined for comments, blanks and lines that are wrong
 * (with a message) or that `wanted` does not match.
 */
export function parseSetting(
  process: Process,
  source: string,
  line: number,
  text: string,
  wanted: RegExp | undefined,
): Setting | undefined {
  const stripped = text.replace(/^\s+/, "");
  if (stripped.length < SHORTEST_LINE || /^[#;]/.test(stripped)) return undefined;
  if (wanted && !wanted.test(stripped)) return undefined;
  const equals = stripped.indexOf("=");
  const minus = stripped.startsWith("-");
  if (equals < 0) {
    if (!minus) {
      warn(process, `${source}(${line}): invalid syntax, continuing...`);
      return undefined;
    }
    const path = pathOf(process, stripped.slice(1).trimEnd());
    return { path, value: "", ignoreFailure: false, exclude: true };
  }
  const path = pathOf(process, stripped.slice(minus ? 1 : 0, equals).trimEnd());
  return { path, value: stripped.slice(equals + 1).trim(), ignoreFailure: minus, exclude: false };
}
