// sleep, timeout, date: programs about time.

import { whyNotRun } from "../../system/executable.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { formatTime } from "../../system/calendar.ts";
import type { Process } from "../../system/process.ts";
import { exitCode, Killed } from "../../system/process.ts";
import type { Signal } from "../../system/signals.ts";
import { parseSignal } from "../../system/signals.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import { parseDate } from "./date-text.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import { program, localeQuoted } from "./program.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86400 };

/** A duration of sleep(1) and timeout(1); undefined if it is none. Infinity for "infinity". */
function parseDuration(text: string): Nanoseconds | undefined {
  const match = /^\+?(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf|infinity)([smhd]?)$/.exec(text);
  if (!match) return undefined;
  const number = match[1]?.startsWith("inf") ? Number.POSITIVE_INFINITY : Number(match[1]);
  return number * (UNITS[match[2] ?? ""] ?? 1) * SECOND;
}

export const sleep = program(async (process) => {
  const { operands } = parseOptions(process, { short: "" });
  if (operands.length === 0) usageError(process, "missing operand");
  let total = 0;
  for (const text of operands) {
    const duration = parseDuration(text);
    if (duration === undefined) usageError(process, `invalid time interval ${localeQuoted(process, text)}`);
    total += duration;
  }
  await process.wait([], Number.isFinite(total) ? total : undefined);
  return 0;
});

const TIMED_OUT = 124;
const CANNOT = 125;

export const timeout = program(async (process) => {
  const parsed = parseOptions(
    process,
    {
      short: "fk:ps:v",
      long: { foreground: "f", "kill-after=": "k", "preserve-status": "p", "signal=": "s", verbose: "v" },
      stopEarly: true,
    },
    CANNOT,
  );
  const [durationText, ...command] = parsed.operands;
  if (durationText === undefined || command[0] === undefined) {
    process.warn("Try 'timeout --help' for more information.\n");
    return CANNOT;
  }
  const duration = parseDuration(durationText);
  if (duration === undefined)
    usageError(process, `invalid time interval ${localeQuoted(process, durationText)}`, CANNOT);
  const killText = valueOf(parsed, "k");
  const killAfter = killText === undefined ? undefined : parseDuration(killText);
  if (killText !== undefined && killAfter === undefined) {
    usageError(process, `invalid time interval ${localeQuoted(process, killText)}`, CANNOT);
  }
  const signalText = valueOf(parsed, "s") ?? "TERM";
  const signal = parseSignal(signalText);
  if (!signal) usageError(process, `${localeQuoted(process, signalText)}: invalid signal`, CANNOT);
  const found = process.lookup(command[0], process);
  if (!found) {
    const { errno, status } = whyNotRun(process, command[0]);
    process.warn(`timeout: failed to run command ${localeQuoted(process, command[0])}: ${strerror(errno)}\n`);
    return status;
  }
  // A signal to timeout itself goes on to the command. Caught before that starts, so none is ignored there.
  for (const own of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)
    process.onSignal(own, (which) => send(which));
  const child = process.spawn(found, { argv: command });
  const send = (which: Signal): void => {
    if (has(parsed, "v"))
      process.warn(
        `timeout: sending signal ${which.slice(3)} to command ${localeQuoted(process, command[0] ?? "")}\n`,
      );
    child.kill(which);
    if (!has(parsed, "f")) for (const below of descendants(child)) below.kill(which);
  };
  let timedOut = false;
  let last = signal;
  const untilEnd = async (limit: number | undefined): Promise<boolean> => endsWithin(process, child, limit);
  if (!(await untilEnd(duration > 0 && Number.isFinite(duration) ? duration : undefined))) {
    timedOut = true;
    send(signal);
    if (killAfter !== undefined && killAfter > 0 && !(await untilEnd(killAfter))) {
      last = "SIGKILL";
      send(last);
    }
    await untilEnd(undefined);
  }
  const status = child.status ?? { code: 0 };
  if (!timedOut || has(parsed, "p")) return exitCode(status);
  // A program that could not be stopped otherwise takes timeout along.
  if (last === "SIGKILL" || status.signal === "SIGKILL") throw new Killed("SIGKILL");
  return TIMED_OUT;
});

/** Waits for a child's end; false if `limit` passed first. */
async function endsWithin(
  process: Process,
  child: Process,
  limit: Nanoseconds | undefined,
): Promise<boolean> {
  const end = {
    get ready() {
      return child.status !== undefined;
    },
    subscribe: (wake: () => void) => child.onEnd(wake),
  };
  const until = limit === undefined ? undefined : process.monotonic() + limit;
  for (;;) {
    const left = until === undefined ? undefined : Math.max(0, until - process.monotonic());
    const result = await process.wait([end], left);
    if (result === "ready" || child.status !== undefined) return true;
    if (result === "timeout") return false;
  }
}

function descendants(process: Process): Process[] {
  return [...process.children].flatMap((child) => [child, ...descendants(child)]);
}

const ISO_FORMATS: Readonly<Record<string, string>> = {
  "": "%Y-%m-%d",
  date: "%Y-%m-%d",
  hours: "%Y-%m-%dT%H%:z",
  minutes: "%Y-%m-%dT%H:%M%:z",
  seconds: "%Y-%m-%dT%H:%M:%S%:z",
  ns: "%Y-%m-%dT%H:%M:%S,%N%:z",
};

const RFC_3339_FORMATS: Readonly<Record<string, string>> = {
  date: "%Y-%m-%d",
  seconds: "%Y-%m-%d %H:%M:%S%:z",
  ns: "%Y-%m-%d %H:%M:%S.%N%:z",
};

/** The format of a precision, which may be cut short: -Is. */
function abbreviated(formats: Readonly<Record<string, string>>, precision: string): string | undefined {
  return formats[precision] ?? Object.entries(formats).find(([name]) => name.startsWith(precision))?.[1];
}

export const date = program((process) => {
  const isoWord = process.argv.findIndex((word) => /^-I|^--iso-8601/.test(word));
  const iso = process.argv[isoWord]?.replace(/^-I|^--iso-8601=?/, "");
  if (isoWord > 0) process.argv = process.argv.filter((_, index) => index !== isoWord);
  const parsed = parseOptions(process, {
    short: "d:Rr:s:u",
    long: {
      "rfc-3339=": "rfc-3339",
      "date=": "d",
      "rfc-email": "R",
      "reference=": "r",
      "set=": "s",
      utc: "u",
      universal: "u",
    },
  });
  const [format, extra] = parsed.operands;
  if (extra !== undefined) usageError(process, `extra operand ${localeQuoted(process, extra)}`);
  if (format !== undefined && !format.startsWith("+")) {
    process.warn(`date: invalid date ${localeQuoted(process, format)}\n`);
    return 1;
  }
  if (has(parsed, "s")) {
    process.warn(`date: cannot set date: ${strerror(ERRNO.EPERM)}\n`);
    return 1;
  }
  const time = chosenTime(process, valueOf(parsed, "d"), valueOf(parsed, "r"));
  if (time === undefined) return 1;
  const rfc3339 = valueOf(parsed, "rfc-3339");
  const standard =
    iso !== undefined
      ? abbreviated(ISO_FORMATS, iso)
      : rfc3339 !== undefined
        ? abbreviated(RFC_3339_FORMATS, rfc3339)
        : has(parsed, "R")
          ? "%a, %d %b %Y %H:%M:%S %z"
          : "%a %b %e %H:%M:%S %Z %Y";
  process.print(`${formatTime(format?.slice(1) ?? standard ?? "", time)}\n`);
  return 0;
});

/** Microseconds since the epoch; undefined after a complaint. */
function chosenTime(
  process: Process,
  text: string | undefined,
  reference: string | undefined,
): number | undefined {
  if (reference !== undefined) {
    try {
      return process.files.status(reference).modified;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      process.warn(`date: ${reference}: ${strerror(refusal.errno)}\n`);
      return undefined;
    }
  }
  const now = process.realtime();
  if (text === undefined) return now;
  const time = parseDate(text, now);
  if (time !== undefined) return time;
  process.warn(`date: invalid date ${localeQuoted(process, text)}\n`);
  return undefined;
}
