/** What all commands of ovs-ofctl share: the process, the options, transaction ids, and how a command fails. */
import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { colouredInk } from "../../ovsproto/openflow/ink.ts";
import type { Ink } from "../../ovsproto/openflow/ink.ts";
import type { Match } from "../../ovsproto/openflow/match.ts";
import { LogBudget } from "../../ovsproto/openflow/log-limits.ts";
import { DEFAULT_PRIORITY, formatMatch } from "../../ovsproto/openflow/match-text.ts";
import { formatMessage } from "../../ovsproto/openflow/message-text.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { TextError } from "../../ovsproto/openflow/text-error.ts";
import type { StreamSsl } from "../../stream-ssl/stream-ssl.ts";
import { Killed } from "../../system/process.ts";
import type { Process } from "../../system/process.ts";
import { OFCTL_LOG_MODULES } from "../../vswitch/daemon/log/modules.ts";
import { ToolLog } from "../ovsdb/tool-log.ts";
import { sslOfTool, takeSslOption } from "../ovsdb/tool-ssl.ts";
import type { OfctlOptions } from "./options.ts";

/** EOF of stdio, which stands where other failures have an errno. */
export const END_OF_FILE = -1;

const LEVELS = { ERR: "err", WARN: "warn", INFO: "info" } as const;

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
  /** Undefined without --color. */
  readonly ink: Ink | undefined;
  #xid = 0;
  readonly #budget = new LogBudget();
  /** Nothing is written any more: in the background nobody reads it. */
  silent = false;
  readonly ssl: StreamSsl;
  readonly toolLog: ToolLog;

  constructor(process: Process, options: OfctlOptions) {
    this.process = process;
    this.options = options;
    this.toolLog = new ToolLog(process, {
      program: "ovs-ofctl",
      modules: OFCTL_LOG_MODULES,
      options: options.log,
    });
    this.ssl = sslOfTool(process, (level, text) => this.toolLog.write("stream_ssl", level, text));
    for (const option of options.ssl) takeSslOption(this.ssl, option);
    const terminal = process.stdout.terminal !== undefined && (process.env.get("TERM") ?? "dumb") !== "dumb";
    const coloured = options.color === "always" || (options.color === "auto" && terminal);
    this.ink = coloured ? colouredInk(process.env.get("OVS_COLORS") ?? "") : undefined;
  }

  nextXid(): number {
    return ++this.#xid;
  }

  /** A line of the log, as Open vSwitch's programs write them to stderr. */
  log(module: string, level: keyof typeof LEVELS, message: string): void {
    if (this.silent) return;
    this.toolLog.write(module, LEVELS[level], message);
  }

  /** Prints a message that was made here; a flow mod whose match is cut down on the way is told in the log. */
  printBytes(bytes: Uint8Array, verbosity: number): void {
    const text = formatMessage(bytes, {
      verbosity,
      names: this.shown(),
      normalized: (before, after) => this.logNormalized(before, after),
      log: this.decodeLog,
    });
    this.process.print(text);
  }

  /** Of messages about bytes and text that are wrong, the first few are written. */
  readonly decodeLog = (module: string, level: "WARN" | "INFO" | "ERR", message: string): void => {
    if (this.#budget.admits(module, message)) this.log(module, level, message);
  };

  /** What the original logs when it takes fields out of a match. */
  logNormalized(before: Match, after: Match): void {
    const first = "normalization changed ofp_match, details:";
    if (!this.#budget.admits("ofp_match", first)) return;
    this.log("ofp_match", "INFO", first);
    this.log("ofp_match", "INFO", ` pre: ${formatMatch(before, DEFAULT_PRIORITY, this.shown())}`);
    this.log("ofp_match", "INFO", `post: ${formatMatch(after, DEFAULT_PRIORITY, this.shown())}`);
  }

  /** For writers of flow syntax: names that are known, in the colours that were asked for. */
  shown(known: Names = {}): Names {
    const { ink } = this;
    return ink === undefined ? known : { ...known, ink };
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

  /** What went wrong, where END_OF_FILE stands for a file that ends too early. */
  reason(errno: number): string {
    return errno === END_OF_FILE ? "End of file" : strerror(errno);
  }

  /** A complaint that does not end the command. */
  complain(what: string, errno: number): void {
    this.process.warn(`ovs-ofctl: ${what} (${this.reason(errno)})\n`);
  }

  /** Ends the command as a failed assertion of the original does. @param where file and line there */
  abort(where: string, condition: string, caller: string): never {
    this.process.flush();
    this.process.warn(`ovs-ofctl: ${where}: assertion ${condition} failed in ${caller}()\n`);
    throw new Killed("SIGABRT");
  }

  /** @returns the bytes of a file, or an errno */
  readFile(path: string): Uint8Array | number {
    try {
      return this.process.files.readFile(path);
    } catch (error) {
      if (error instanceof Refusal) return error.errno;
      throw error;
    }
  }

  /** All of stdin. */
  async readInput(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for (;;) {
      const chunk = await this.process.read();
      if (!chunk) break;
      chunks.push(chunk);
    }
    const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  /** The bytes of a file, or of stdin for `-`. @param failure what the command says if there is no such file */
  async readBytes(path: string, failure: string): Promise<Uint8Array> {
    if (path === "-") return await this.readInput();
    const bytes = this.readFile(path);
    if (typeof bytes === "number") throw new Fatal(`${path}: ${failure}`, bytes);
    return bytes;
  }

  async readText(path: string, failure = "open failed"): Promise<string> {
    return new TextDecoder().decode(await this.readBytes(path, failure));
  }
}
