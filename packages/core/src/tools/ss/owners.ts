// Which processes have which socket open (ss -p): the descriptors of all processes in /proc.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";

/** Text of `users:(...)` by inode number. */
export type Owners = ReadonlyMap<number, string>;

function attempted<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
}

/** `threads`: with the thread's id. */
export function socketOwners(process: Process, threads: boolean): Owners {
  const { files } = process;
  const found = new Map<number, string[]>();
  for (const pid of files.readDirectory("/proc").filter((name) => /^\d+$/.test(name))) {
    let name: string | undefined;
    for (const descriptor of attempted(() => files.readDirectory(`/proc/${pid}/fd`)) ?? []) {
      const target = attempted(() => files.readLink(`/proc/${pid}/fd/${descriptor}`)) ?? "";
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined) continue;
      name ??= commandName(process, pid);
      const thread = threads ? `tid=${pid},` : "";
      const users = found.get(Number(inode)) ?? [];
      // The last that was found stands first.
      users.unshift(`("${name}",pid=${pid},${thread}fd=${descriptor})`);
      found.set(Number(inode), users);
    }
  }
  return new Map([...found].map(([inode, users]) => [inode, users.join(",")]));
}

function commandName(process: Process, pid: string): string {
  const text = attempted(() => process.files.readFile(`/proc/${pid}/stat`));
  return /\((.*?)\)/.exec(new TextDecoder().decode(text ?? new Uint8Array(0)))?.[1] ?? "";
}
