// The end that --timeout and -T set: the process is killed by SIGALRM, after it has said so.

import type { Process } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
import { logLine } from "./log-line.ts";

export function setAlarm(process: Process, seconds: number): void {
  const timer = process.system.after(seconds * SECOND, () => {
    process.warn(logLine(process, 1, "fatal_signal", "WARN", "terminating with signal 14 (Alarm clock)"));
    process.kill("SIGALRM");
  });
  process.onEnd(() => timer.cancel());
}
