// The log of a daemon (Open vSwitch's lib/vlog.c): messages of modules, with a level for each of three destinations, in the
// patterns of ovs-appctl(8). The file is written in the system's file system, the console is standard error until the daemon has
// gone into the background; a syslog daemon is not there, so its level is kept and leads nowhere.

import { LOG_MODULES } from "./modules.ts";
import { formatMessage } from "./pattern.ts";

export const DESTINATIONS = ["syslog", "console", "file"] as const;
export type Destination = (typeof DESTINATIONS)[number];

/** Most important first: a message is written if its level is not above the destination's. */
export const LEVELS = ["off", "emer", "err", "warn", "info", "dbg"] as const;
export type Level = (typeof LEVELS)[number];

/** RFC 5424 section 6.2.1, in the order of their numbers. */
export const FACILITIES: readonly string[] = (
  "kern user mail daemon auth syslog lpr news uucp clock authpriv ftp ntp audit alert clock2 " +
  "local0 local1 local2 local3 local4 local5 local6 local7"
).split(" ");

export interface LogFile {
  /** The line may be made when somebody looks at the file. */
  append(line: () => string): void;
}

/** What a log needs of the system around it. */
export interface LogHost {
  /** Since the epoch, microseconds. */
  realtime(): number;
  monotonic(): number;
  readonly hostName: string;
  /** Opens the log file for appending; makes it if need be. */
  openLog(): LogFile;
  /** Standard error, if the daemon has one. */
  console?(text: string): void;
}

/** Messages of one place: at most `burst` at once and `rate` a minute after that (struct vlog_rate_limit). */
interface Bucket {
  tokens: number;
  /** Seconds. */
  filled: number;
  dropped: number;
  firstDropped: number;
  lastDropped: number;
}

const TOKENS_PER_MESSAGE = 60;

export class Vlog {
  readonly #host: LogHost;
  readonly #program: string;
  readonly #path: string;
  readonly #pid: number;
  readonly #levels = new Map<string, Record<Destination, Level>>();
  readonly #unlimited = new Set<string>();
  readonly #told = new Set<string>();
  readonly #buckets = new Map<string, Bucket>();
  readonly patterns: Record<Destination, string> = {
    syslog: "ovs|%05N|%c%T|%p|%m",
    console: "%D{%Y-%m-%dT%H:%M:%SZ}|%05N|%c%T|%p|%m",
    file: "%D{%Y-%m-%dT%H:%M:%S.###Z}|%05N|%c%T|%p|%m",
  };
  facility = FACILITIES.indexOf("local0");
  readonly #started: number;
  #number = 0;
  #file: LogFile | undefined;

  constructor(host: LogHost, program: string, path: string, pid: number, modules = LOG_MODULES) {
    this.#host = host;
    this.#program = program;
    this.#path = path;
    this.#pid = pid;
    this.#started = host.monotonic();
    for (const module of modules) this.#levels.set(module, { syslog: "err", console: "off", file: "info" });
  }

  get modules(): Iterable<string> {
    return this.#levels.keys();
  }

  has(module: string): boolean {
    return this.#levels.has(module);
  }

  levelOf(module: string, destination: Destination): Level {
    return this.#levels.get(module)?.[destination] ?? "off";
  }

  /** `module` undefined: of all. */
  setLevel(module: string | undefined, destination: Destination | undefined, level: Level): void {
    for (const [name, levels] of this.#levels) {
      if (module !== undefined && module !== name) continue;
      for (const each of DESTINATIONS)
        if (destination === undefined || destination === each) levels[each] = level;
    }
  }

  limitRate(module: string | undefined, limited: boolean): void {
    for (const name of this.#levels.keys()) {
      if (module !== undefined && module !== name) continue;
      if (limited) this.#unlimited.delete(name);
      else this.#unlimited.add(name);
    }
  }

  openFile(): void {
    if (this.#file) this.log("vlog", "info", "closing log file");
    this.#file = this.#host.openLog();
    this.log("vlog", "info", `opened log file ${this.#path}`);
  }

  closeFile(): void {
    if (!this.#file) return;
    this.log("vlog", "info", "closing log file");
    this.#file = undefined;
  }

  /** Whether a message would be written anywhere; for those that cost something to make. */
  writes(module: string, level: Level): boolean {
    const levels = this.#levels.get(module);
    const rank = LEVELS.indexOf(level);
    return levels !== undefined && DESTINATIONS.some((each) => LEVELS.indexOf(levels[each]) >= rank);
  }

  /** A message has gone where nobody reads it. */
  skip(): void {
    this.#number++;
  }

  log(module: string, level: Level, text: string): void {
    const levels = this.#levels.get(module);
    if (!levels || !this.writes(module, level)) return;
    const rank = LEVELS.indexOf(level);
    this.#number++;
    const message = {
      module,
      level: level.toUpperCase(),
      text,
      number: this.#number,
      realtime: this.#host.realtime(),
      age: this.#host.monotonic() - this.#started,
      program: this.#program,
      pid: this.#pid,
      hostName: this.#host.hostName,
      facility: this.facility,
    };
    if (this.#file && LEVELS.indexOf(levels.file) >= rank) {
      const { file } = this.patterns;
      this.#file.append(() => `${formatMessage(file, message)}\n`);
    }
    if (this.#host.console && LEVELS.indexOf(levels.console) >= rank) {
      this.#host.console(`${formatMessage(this.patterns.console, message)}\n`);
    }
  }

  /** As `log`, but the same text only the first time (VLOG_WARN_ONCE). */
  once(module: string, level: Level, text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.log(module, level, text);
  }

  /** As `log`, but no more than `rate` a minute and `burst` at once for messages of the same `place`. */
  limited(place: string, module: string, level: Level, text: string, rate = 1, burst = 5): void {
    if (this.#unlimited.has(module)) {
      this.log(module, level, text);
      return;
    }
    const now = Math.floor(this.#host.monotonic() / 1e9);
    let bucket = this.#buckets.get(place);
    if (!bucket) {
      bucket = {
        tokens: burst * TOKENS_PER_MESSAGE,
        filled: now,
        dropped: 0,
        firstDropped: 0,
        lastDropped: 0,
      };
      this.#buckets.set(place, bucket);
    }
    bucket.tokens = Math.min(burst * TOKENS_PER_MESSAGE, bucket.tokens + (now - bucket.filled) * rate);
    bucket.filled = now;
    if (bucket.tokens < TOKENS_PER_MESSAGE) {
      if (bucket.dropped === 0) bucket.firstDropped = now;
      bucket.lastDropped = now;
      bucket.dropped++;
      return;
    }
    bucket.tokens -= TOKENS_PER_MESSAGE;
    if (bucket.dropped > 0) {
      this.log(
        module,
        level,
        `Dropped ${bucket.dropped} log messages in last ${now - bucket.firstDropped} seconds ` +
          `(most recently, ${now - bucket.lastDropped} seconds ago) due to excessive rate`,
      );
      bucket.dropped = 0;
    }
    this.log(module, level, text);
  }
}
