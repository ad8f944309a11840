// ulimit (bash(1), "ulimit"): limits are kept and shown, and nothing here reaches them. A new shell has those of a
// login on Debian.

import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";
import { USAGE_STATUS } from "./builtin.ts";

interface Resource {
  readonly name: string;
  /** As `ulimit -a` shows it before the letter. */
  readonly unit?: string;
  readonly soft: string;
  readonly hard: string;
}

const UNLIMITED = "unlimited";
const free = (name: string, unit?: string): Resource => ({
  name,
  ...(unit !== undefined && { unit }),
  soft: UNLIMITED,
  hard: UNLIMITED,
});

/** In the order of `ulimit -a`. */
const RESOURCES: ReadonlyMap<string, Resource> = new Map([
  ["R", free("real-time non-blocking time", "microseconds")],
  ["c", { name: "core file size", unit: "blocks", soft: "0", hard: UNLIMITED }],
  ["d", free("data seg size", "kbytes")],
  ["e", { name: "scheduling priority", soft: "0", hard: "0" }],
  ["f", free("file size", "blocks")],
  ["i", { name: "pending signals", soft: "7823", hard: "7823" }],
  ["l", { name: "max locked memory", unit: "kbytes", soft: "8192", hard: "8192" }],
  ["m", free("max memory size", "kbytes")],
  ["n", { name: "open files", soft: "1024", hard: "1048576" }],
  ["p", { name: "pipe size", unit: "512 bytes", soft: "8", hard: "8" }],
  ["q", { name: "POSIX message queues", unit: "bytes", soft: "819200", hard: "819200" }],
  ["r", { name: "real-time priority", soft: "0", hard: "0" }],
  ["s", { name: "stack size", unit: "kbytes", soft: "8192", hard: UNLIMITED }],
  ["t", free("cpu time", "seconds")],
  ["u", { name: "max user processes", soft: "7823", hard: "7823" }],
  ["v", free("virtual memory", "kbytes")],
  ["x", free("file locks")],
]);

type Kind = "soft" | "hard";

/** Width of a resource's name, unit and letter in lists. */
const NAME_WIDTH = 20;
const UNIT_WIDTH = 20;
const USAGE = "ulimit: usage: ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]\n";

function current(shell: Shell, letter: string, kind: Kind): string {
  return shell.limits.get(`${kind} ${letter}`) ?? RESOURCES.get(letter)?.[kind] ?? UNLIMITED;
}

function line(shell: Shell, letter: string, { name, unit }: Resource, kind: Kind): string {
  const place = unit === undefined ? `(-${letter})` : `(${unit}, -${letter})`;
  return `${name.padEnd(NAME_WIDTH)}${place.padStart(Math.max(UNIT_WIDTH, place.length))} ${current(shell, letter, kind)}\n`;
}

export const ulimit: Builtin = (shell, args) => {
  const kinds = new Set<Kind>();
  const letters: string[] = [];
  let value: string | undefined;
  for (const word of args) {
    if (!/^-./.test(word)) {
      value = word;
      continue;
    }
    for (const letter of word.slice(1)) {
      if (letter === "S" || letter === "H") kinds.add(letter === "S" ? "soft" : "hard");
      else if (letter === "a") letters.push(...RESOURCES.keys());
      else if (RESOURCES.has(letter)) letters.push(letter);
      else {
        shell.complain(`ulimit: -${letter}: invalid option`);
        shell.process.warn(USAGE);
        return USAGE_STATUS;
      }
    }
  }
  if (letters.length === 0) letters.push("f");
  const shown: Kind = kinds.has("hard") && !kinds.has("soft") ? "hard" : "soft";
  if (value === undefined) {
    for (const letter of letters) {
      const resource = RESOURCES.get(letter);
      if (letters.length > 1 && resource) shell.print(line(shell, letter, resource, shown));
      else shell.print(`${current(shell, letter, shown)}\n`);
    }
    return 0;
  }
  for (const letter of letters) {
    const limit = value === "hard" || value === "soft" ? current(shell, letter, value) : value;
    if (limit !== UNLIMITED && !/^\d+$/.test(limit)) {
      shell.complain(`ulimit: ${value}: invalid number`);
      return 1;
    }
    for (const kind of kinds.size === 0 ? (["soft", "hard"] as const) : kinds)
      shell.limits.set(`${kind} ${letter}`, limit);
  }
  return 0;
};
