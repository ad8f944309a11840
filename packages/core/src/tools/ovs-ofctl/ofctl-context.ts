/** What all commands of ovs-ofctl share: the process, the options, transaction ids, and how a command fails. */
import { strerror } from "../../netlink/errno.ts";
import type { Match } from "../../ovsproto/openflow/match.ts";
import { formatMatch } from "../../ovsproto/openflow/match-text.ts";
import { formatMessage } from "../../ovsproto/openflow/message-text.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { TextError } from "../../ovsproto/openflow/text-error.ts";
import type { Process } from "../../system/process.ts";
import type { OfctlOptions } from "./options.ts";

/** VLOG_RATE_LIMIT_INIT(1, 5) of the modules that decode; later ones come one a minute. */
const BURST = 5;
const NORMALIZED_BURST = 10;

/** Ends the command: the message goes to stderr, the exit code is 1. */
export class Fatal {
  readonly message: string;
  /** @param errno whose text is added in parentheses */
  constructor(message: string, errno = 0) {
    this.message = errno === 0 ? message : `${message} (${strerror(errno)})`;
  }
}

export class Ofctl {
  readonly process: Process;
  readonly options: OfctlOptions;
  #xid = 0;
  #log = 0;
  readonly #written = new Map<string, number>();

  constructor(process: Process, options: OfctlOptions) {
    this.process = process;
    this.options = options;
  }

  nextXid(): number {
    return ++this.#xid;
  }

  /** A line of the log, as Open vSwitch's programs write them to stderr. */
  log(module: string, level: "WARN" | "INFO" | "ERR", message: string): void {
    const time = new Date(Math.floor(this.process.realtime() / 1000)).toISOString().slice(0, 19);
    const number = String(++this.#log).padStart(5, "0");
    this.process.warn(`${time}Z|${number}|${module}|${level}|${message}\n`);
  }

  /** Prints a message that was made here; a flow mod whose match is cut down on the way is told in the log. */
  printBytes(bytes: Uint8Array, verbosity: number): void {
    const text = formatMessage(bytes, {
      verbosity,
      normalized: (before, after) => this.logNormalized(before, after),
      log: this.decodeLog,
    });
    this.process.print(text);
  }

  /** Of messages about bytes and text that are wrong, each module writes the first few. */
  readonly decodeLog = (module: string, level: "WARN" | "INFO" | "ERR", message: string): void => {
    if (this.#withinLimit(module, BURST)) this.log(module, level, message);
  };

  #withinLimit(what: string, limit: number): boolean {
    const written = this.#written.get(what) ?? 0;
    this.#written.set(what, written + 1);
    return written < limit;
  }

  /** What the original logs when it takes fields out of a match. */
  logNormalized(before: Match, after: Match): void {
    if (!this.#withinLimit("normalized", NORMALIZED_BURST)) return;
    this.log("ofp_match", "INFO", "normalization changed ofp_match, details:");
    this.log("ofp_match", "INFO", ` pre: ${formatMatch(before)}`);
    this.log("ofp_match", "INFO", `post: ${formatMatch(after)}`);
  }

  /** For readers of flow syntax: names that are known, and where warnings go. */
  names(known: Names = {}): Names {
    return { ...known, warn: (module, message, level = "WARN") => this.decodeLog(module, level, message) };
  }

  /** Runs a reader of text; what it refuses ends the command. @param where put in front, as `FILE:1: ` */
  parse<T>(read: () => T, where = ""): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof TextError) throw new Fatal(where + error.message);
      throw error;
    }
  }

  /** The text of a file, or of stdin for `-`. */
  async readText(path: string): Promise<string> {
    if (path !== "-") {
      try {
        return new TextDecoder().decode(this.process.files.readFile(path));
      } catch (error) {
        const errno = error instanceof Object && "errno" in error ? Number(error.errno) : 2;
        throw new Fatal(`${path}: open failed`, errno);
      }
    }
    const chunks: Uint8Array[] = [];
    for (;;) {
      const chunk = await this.process.read();
      if (!chunk) break;
      chunks.push(chunk);
    }
    const decoder = new TextDecoder();
    return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
  }
}
