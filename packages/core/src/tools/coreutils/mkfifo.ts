// mkfifo and mknod of GNU coreutils; of mknod named pipes only, since there are no drivers behind other devices.

import { parseOptions, UsageEnd, usageError, valueOf } from "./options.ts";
import type { Parsed } from "./options.ts";
import { attempt, complain, localeQuoted, program, quoted, quotedIfNeeded } from "./program.ts";
import { changedMode } from "./permissions.ts";
import type { Process } from "../../system/process.ts";

const OPTIONS = { short: "m:Z", long: { "mode=": "m" } };
const USUAL_MODE = 0o666;

/** -m is what chmod takes, and not lessened by the umask. */
function modeOf(process: Process, parsed: Parsed): number {
  const text = valueOf(parsed, "m");
  if (text === undefined) return USUAL_MODE & ~process.umask;
  const mode = changedMode(text, USUAL_MODE, "fifo", process.umask);
  if (mode !== undefined) return mode;
  complain(process, "invalid mode");
  throw new UsageEnd(1);
}

export const mkfifo = program((process) => {
  const parsed = parseOptions(process, OPTIONS);
  if (parsed.operands.length === 0) usageError(process, "missing operand");
  const mode = modeOf(process, parsed);
  let status = 0;
  for (const path of parsed.operands) {
    const made = attempt(
      process,
      () => process.files.makeFifo(path, mode),
      (error) => `cannot create fifo ${quoted(path)}: ${error}`,
    );
    if (!made) status = 1;
  }
  return status;
});

export const mknod = program((process) => {
  const parsed = parseOptions(process, OPTIONS);
  const [path, type, ...numbers] = parsed.operands;
  if (path === undefined) usageError(process, "missing operand");
  if (type === undefined) usageError(process, `missing operand after ${localeQuoted(process, path)}`);
  const mode = modeOf(process, parsed);
  if (type !== "p") {
    complain(process, "devices other than pipes are not implemented");
    return 1;
  }
  const [extra] = numbers;
  if (extra !== undefined) usageError(process, `extra operand ${localeQuoted(process, extra)}`);
  const made = attempt(
    process,
    () => process.files.makeFifo(path, mode),
    (error) => `${quotedIfNeeded(path)}: ${error}`,
  );
  return made ? 0 : 1;
});
