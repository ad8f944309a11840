// The end that --timeout and -T set: the process is killed by SIGALRM, after it has said so.

import type { Process } from "../../system/process.ts";
import { FATAL_SIGNALS } from "../../system/switch-daemons.ts";
import { SECOND } from "../../system/system.ts";
import { logLine } from "./log-line.ts";

/** `warn` writes a message of a module into the log; by default it is the program's first. */
export function setAlarm(
  process: Process,
  seconds: number,
  warn = (module: string, text: string): void => process.warn(logLine(process, 1, module, "WARN", text)),
): void {
  const timer = process.system.after(seconds * SECOND, () => {
    warn("fatal_signal", "terminating with signal 14 (Alarm clock)");
    process.kill("SIGALRM");
  });
  process.onEnd(() => timer.cancel());
}

/** Signals that end a program that waits are told in its log first (lib/fatal-signal.c). */
export function tellOfSignals(process: Process, warn: (module: string, text: string) => void): void {
  for (const [signal, { number, description }] of FATAL_SIGNALS) {
    if (signal === "SIGALRM") continue; // --timeout's own
    process.onSignal(signal, () => {
      warn("fatal_signal", `terminating with signal ${number} (${description})`);
      process.onSignal(signal, "default");
      process.kill(signal);
    });
  }
}
