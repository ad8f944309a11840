// Printing variables of sysctl(8): one, or all below a directory.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { FileStatus } from "../../system/files.ts";
import type { Process } from "../../system/process.ts";
import { exchange, pathOf, ROOT } from "./settings.ts";

/** What the command line asks for. */
export interface Modes {
  /** False with -n and -b. */
  readonly names: boolean;
  /** False with -b. */
  readonly newline: boolean;
  /** -N */
  readonly onlyNames: boolean;
  readonly quiet: boolean;
  readonly dryRun: boolean;
  /** -e: a name that does not exist is no error. */
  readonly ignoreUnknown: boolean;
  /** --deprecated */
  readonly deprecated: boolean;
  /** -r */
  readonly pattern: RegExp | undefined;
}

/** Message of err(3): the program's name in front. */
export function complain(process: Process, text: string, refusal?: Refusal): void {
  const reason = refusal === undefined ? "" : `: ${strerror(refusal.errno)}`;
  process.warn(`${process.argv[0] ?? "sysctl"}: ${text}${reason}\n`);
}

/** Runs `act`; a refusal goes to `otherwise`. */
export function refusable<T>(act: () => T, otherwise: (refusal: Refusal) => T): T {
  try {
    return act();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return otherwise(refusal);
  }
}

/** stat(2) of a variable's file, with the message if it is not there. */
export function statusOf(process: Process, path: string, modes: Modes): FileStatus | undefined {
  return refusable<FileStatus | undefined>(
    () => process.files.status(path),
    (refusal) => {
      if (!modes.ignoreUnknown) complain(process, `cannot stat ${path}`, refusal);
      return undefined;
    },
  );
}

/** Prints a variable or everything below one. Returns what is added to the exit status. */
export function show(process: Process, name: string, modes: Modes): number {
  if (name === "") {
    complain(process, `"" is an unknown key`);
    return -1;
  }
  const printed = exchange(process, name, "/", ".");
  const path = pathOf(process, name);
  const status = statusOf(process, path, modes);
  if (!status) return modes.ignoreUnknown ? 0 : 1;
  if ((status.mode & 0o400) === 0) return 0;
  if (status.type === "directory") return showAll(process, `${path}/`, modes);
  if (modes.pattern && !modes.pattern.test(printed)) return 0;
  if (modes.onlyNames) {
    process.print(`${printed}\n`);
    return 0;
  }
  return refusable(
    () => {
      const text = new TextDecoder().decode(process.files.readFile(path));
      process.print(formatted(printed, text, modes));
      return 0;
    },
    ({ errno }) => {
      if (errno === ERRNO.ENOENT) complain(process, `"${printed}" is an unknown key`);
      else if (errno === ERRNO.EACCES) complain(process, `permission denied on key '${printed}'`);
      // EIO: a secret that nobody has set (stable_secret) is passed over
      else if (errno !== ERRNO.EIO) complain(process, `reading key "${printed}"`, new Refusal(errno));
      return 1;
    },
  );
}

/** Values of several lines have the name before each of them. */
function formatted(name: string, text: string, modes: Modes): string {
  if (text === "") return "";
  const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : text.split("\n");
  if (modes.names) return lines.map((line) => `${name} = ${line}\n`).join("");
  return modes.newline ? text : lines.join("");
}

/** Names that listings leave out; each has a newer one in milliseconds beside it. */
const DEPRECATED: ReadonlySet<string> = new Set(["base_reachable_time", "retrans_time"]);

/** Prints everything below a directory, in its order. */
export function showAll(process: Process, directory: string, modes: Modes): number {
  const names = refusable<string[] | undefined>(
    () => process.files.readDirectory(directory),
    () => {
      complain(process, `unable to open directory "${directory}"`);
      return undefined;
    },
  );
  if (!names) return 1;
  let result = 0;
  for (const name of names) {
    const path = `${directory}${name}`;
    const status = refusable<FileStatus | undefined>(
      () => process.files.status(path),
      (refusal) => {
        complain(process, `cannot stat ${path}`, refusal);
        return undefined;
      },
    );
    if (!status) continue;
    if (status.type === "directory") showAll(process, `${path}/`, modes);
    else if (modes.deprecated || !DEPRECATED.has(name))
      result |= show(process, path.slice(ROOT.length), modes);
  }
  return result;
}
