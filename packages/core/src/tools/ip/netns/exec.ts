// `ip netns exec`: another program in a namespace, in this process or (for -all and in a batch) in a child.

import { strerror } from "../../../netlink/errno.ts";
import { whyNotRun } from "../../../system/executable.ts";
import { exitCode } from "../../../system/process.ts";
import type { Process } from "../../../system/process.ts";
import type { Session } from "../session.ts";

/** Goes to a named namespace; false after a complaint. */
export type EnterNetns = (process: Process, name: string) => boolean;

async function execHere(process: Process, words: readonly string[]): Promise<number> {
  const [name = ""] = words;
  const program = process.lookup(name, process);
  if (program === undefined) {
    process.flush();
    process.warn(`exec of "${name}" failed: ${strerror(whyNotRun(process, name).errno)}\n`);
    return 1;
  }
  return process.exec(program, words);
}

async function execChild(
  process: Process,
  netns: string,
  words: readonly string[],
  enter: EnterNetns,
): Promise<number> {
  const child = process.spawn((self) => (enter(self, netns) ? execHere(self, words) : 1), {
    argv: process.argv,
  });
  for (;;) {
    const status = await process.waitFor(child);
    if (status !== undefined) return status.signal === undefined ? status.code : exitCode(status);
  }
}

/** Runs `words`: in this process, which is in the namespace already, or in a child that enters `netns`. */
export function execIn(
  session: Session,
  netns: string | undefined,
  words: readonly string[],
  enter: EnterNetns,
): Promise<number> {
  const { process, rtnl } = session;
  if (netns !== undefined) return execChild(process, netns, words, enter);
  rtnl.socket.close(); // SOCK_CLOEXEC
  return execHere(process, words);
}

/** Runs `words` in each namespace, one after the other. */
export async function execAll(
  session: Session,
  names: readonly string[],
  words: readonly string[],
  enter: EnterNetns,
): Promise<number> {
  for (const name of names) {
    session.process.print(`\nnetns: ${name}\n`);
    await execChild(session.process, name, words, enter);
  }
  return 0;
}
