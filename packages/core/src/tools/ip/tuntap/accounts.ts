// Users and groups by name and number, from /etc/passwd and /etc/group.

import { Refusal } from "../../../netlink/refusal.ts";
import type { Process } from "../../../system/process.ts";

type Kind = "user" | "group";

function lines(process: Process, kind: Kind): readonly (readonly [name: string, id: number])[] {
  try {
    const path = kind === "user" ? "/etc/passwd" : "/etc/group";
    return new TextDecoder()
      .decode(process.files.readFile(path))
      .split("\n")
      .flatMap((line) => {
        const [name, , id] = line.split(":");
        return name && id ? [[name, Number(id)] as const] : [];
      });
  } catch (refusal) {
    if (refusal instanceof Refusal) return [];
    throw refusal;
  }
}

/** Undefined if nobody has the number. */
export function accountName(process: Process, kind: Kind, id: number): string | undefined {
  return lines(process, kind).find(([, number]) => number === id)?.[0] ?? (id === 0 ? "root" : undefined);
}

/** A number, or the number behind a name; undefined if there is no such name. */
export function accountId(process: Process, kind: Kind, text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  return lines(process, kind).find(([name]) => name === text)?.[1] ?? (text === "root" ? 0 : undefined);
}
