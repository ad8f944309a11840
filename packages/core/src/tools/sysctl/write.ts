// Setting variables of sysctl(8): from the command line, and from files with patterns and exceptions.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { nameOf, parseSetting, ROOT } from "./settings.ts";
import type { Setting } from "./settings.ts";
import { complain, refusable, statusOf } from "./show.ts";
import type { Modes } from "./show.ts";

const OWNER_MAY_WRITE = 0o200;

/** Sets one variable. Returns the exit status. */
export function set(process: Process, setting: Setting, modes: Modes): number {
  const { path, value } = setting;
  const status = statusOf(process, path, modes);
  if (!status) return modes.ignoreUnknown ? 0 : 1;
  if (
    !`${refusable(
      () => process.files.realPath(path),
      () => path,
    )}`.startsWith(ROOT)
  ) {
    complain(process, `Path is not under ${ROOT}: ${path}`);
    return 1;
  }
  const name = nameOf(process, path);
  if ((status.mode & OWNER_MAY_WRITE) === 0 || status.type === "directory") {
    complain(process, `setting key "${name}"`, new Refusal(ERRNO.EINVAL));
    return 0;
  }
  if (!modes.dryRun) {
    const failed = write(process, setting, name, modes);
    if (failed !== undefined) return failed;
  }
  if (!modes.quiet || modes.dryRun) process.print(report(name, value, modes));
  return 0;
}

/** Undefined if the value was taken, otherwise the exit status. */
function write(process: Process, setting: Setting, name: string, modes: Modes): number | undefined {
  const { path, value, ignoreFailure } = setting;
  const ignoring = ignoreFailure ? ", ignoring" : "";
  const failed = (): number => (ignoreFailure ? 0 : 1);
  return refusable<number | undefined>(
    () => {
      const file = process.files.open(path, { write: true, truncate: true });
      return refusable<number | undefined>(
        () => {
          file.write(new TextEncoder().encode(`${value}\n`));
          file.close();
          return undefined;
        },
        (refusal) => {
          file.close();
          complain(process, `setting key "${name}"`, refusal);
          return 1;
        },
      );
    },
    (refusal) => {
      switch (refusal.errno) {
        case ERRNO.ENOENT:
          if (modes.ignoreUnknown) return 0;
          complain(process, `"${name}" is an unknown key${ignoring}`);
          return failed();
        case ERRNO.EPERM:
        case ERRNO.EROFS:
        case ERRNO.EACCES:
          complain(process, `permission denied on key "${name}"${ignoring}`);
          return failed();
        default:
          complain(process, `setting key "${name}"${ignoring}`, refusal);
          return failed();
      }
    },
  );
}

function report(name: string, value: string, modes: Modes): string {
  if (modes.onlyNames) return `${name}\n`;
  if (modes.names) return `${name} = ${value}\n`;
  return modes.newline ? `${value}\n` : value;
}

/** Reads the settings of a file; "-" is standard input. Undefined if it cannot be opened. */
export async function load(process: Process, file: string, modes: Modes): Promise<Setting[] | undefined> {
  let text: string;
  if (file === "-") text = await standardInput(process);
  else {
    const bytes = refusable<Uint8Array | undefined>(
      () =>
        process.files.status(file).type === "directory" ? new Uint8Array(0) : process.files.readFile(file),
      (refusal) => {
        complain(process, `cannot open "${file}"`, refusal);
        return undefined;
      },
    );
    if (!bytes) return undefined;
    text = new TextDecoder().decode(bytes);
  }
  const settings: Setting[] = [];
  text.split("\n").forEach((line, index) => {
    if (line === "") return;
    const setting = parseSetting(process, file, index + 1, line, modes.pattern);
    if (setting) settings.push(setting);
  });
  return settings;
}

async function standardInput(process: Process): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const bytes = await process.read();
    if (bytes === null || bytes === undefined) return text + decoder.decode();
    text += decoder.decode(bytes, { stream: true });
  }
}

/**
 * Applies settings in their order. A path with a pattern stands for all files that it matches, except those that have a
 * line of their own.
 */
export function apply(process: Process, settings: readonly Setting[], modes: Modes): number {
  const named = new Set(settings.map((setting) => setting.path));
  let status = 0;
  for (const setting of settings) {
    if (setting.exclude) continue;
    if (!/[*?[]/.test(setting.path)) status |= set(process, setting, modes);
    else {
      for (const path of matching(process, setting.path)) {
        if (!named.has(path)) status |= set(process, { ...setting, path }, modes);
      }
    }
  }
  return status;
}

/** glob(3): existing paths that match, in the order of their names. */
export function matching(process: Process, pattern: string): string[] {
  let found = [""];
  for (const part of pattern.split("/").slice(1)) {
    const expression = /[*?[]/.test(part) ? componentPattern(part) : undefined;
    found = found.flatMap((directory) => {
      if (!expression) return exists(process, `${directory}/${part}`) ? [`${directory}/${part}`] : [];
      const names = refusable<string[]>(
        () => process.files.readDirectory(directory === "" ? "/" : directory),
        () => [],
      );
      return names.filter((name) => expression.test(name)).map((name) => `${directory}/${name}`);
    });
  }
  return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function exists(process: Process, path: string): boolean {
  return refusable(
    () => process.files.status(path) !== undefined,
    () => false,
  );
}

/** One component of a shell pattern: *, ? and bracket expressions; a leading dot must be written. */
function componentPattern(part: string): RegExp {
  let source = /^[*?[]/.test(part) ? "(?!\\.)" : "";
  for (let at = 0; at < part.length; at++) {
    const letter = part[at] ?? "";
    const close = letter === "[" ? part.indexOf("]", at + 2) : -1;
    if (letter === "*") source += ".*";
    else if (letter === "?") source += ".";
    else if (close > 0) {
      source += `[${part
        .slice(at + 1, close)
        .replace(/^!/, "^")
        .replaceAll("\\", "\\\\")}]`;
      at = close;
    } else source += letter.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  }
  return new RegExp(`^${source}$`);
}
