// The daemon's log as bridges and what is in them use it; daemon/log/vlog.ts is one.

type Level = "dbg" | "info" | "warn";

export interface DaemonLog {
  /** Whether a message would be written anywhere; for those that cost something to make. */
  writes(module: string, level: Level): boolean;
  log(module: string, level: Level, text: string): void;
  /** At most `rate` a minute and `burst` at once for messages of the same `place`. */
  limited(place: string, module: string, level: Level, text: string, rate?: number, burst?: number): void;
}
