// The log of a tool of Open vSwitch: numbered lines on standard error, and in a file if one is asked for.

import type { Process } from "../../system/process.ts";
import { LogSettingError, setLevels } from "../../vswitch/daemon/log/levels.ts";
import { Vlog } from "../../vswitch/daemon/log/vlog.ts";
import type { Level } from "../../vswitch/daemon/log/vlog.ts";
import { absolute } from "../ovs-daemons/daemon-options.ts";
import type { ParsedOption } from "./options.ts";
import { OptionError } from "./options.ts";

export interface ToolLogSettings {
  readonly program: string;
  readonly modules: readonly string[];
  /** Those of the command line; what is not about the log is left. */
  readonly options: readonly ParsedOption[];
}

export class ToolLog {
  readonly #make: () => Vlog;
  /** Most tools never write a line. */
  #made: Vlog | undefined;
  #skipped = 0;

  /** Errors: OptionError. */
  constructor(process: Process, settings: ToolLogSettings) {
    this.#make = () => vlogOf(process, settings);
    const asked = settings.options.some(({ name }) => name === "verbose" || name === "log-file");
    if (asked) this.#made = this.#make();
  }

  get vlog(): Vlog {
    if (this.#made) return this.#made;
    this.#made = this.#make();
    for (let at = 0; at < this.#skipped; at++) this.#made.skip();
    return this.#made;
  }

  /** Whether anything but the usual has been asked for, and such a message would be written. */
  writes(module: string, level: Level): boolean {
    return this.#made?.writes(module, level) === true;
  }

  /** It has gone into the background: nobody reads standard error. */
  detach(): void {
    this.vlog.setLevel(undefined, "console", "off");
  }

  debug(module: string, text: () => string): void {
    if (this.writes(module, "dbg")) this.write(module, "dbg", text());
  }

  /** A message that is not for standard error has a number too. */
  skip(): void {
    if (this.#made) this.#made.skip();
    else this.#skipped++;
  }

  write(module: string, level: Level, text: string): void {
    this.vlog.log(module, level, text);
  }
}

/** Errors: OptionError. */
export function checkLogOption(process: Process, settings: ToolLogSettings): void {
  vlogOf(process, settings);
}

/** vlog_set_syslog_method(). Errors: OptionError. */
export function checkSyslogMethod(method: string): void {
  if (/^(?:null|libc)$|^(?:unix|udp):/.test(method)) return;
  throw new OptionError(`unsupported syslog method '${method}'`);
}

/** Errors: OptionError. */
function vlogOf(process: Process, { program, modules, options }: ToolLogSettings): Vlog {
  const directory = process.env.get("OVS_LOGDIR") ?? "/var/log/openvswitch";
  const logFile = options.findLast(({ name }) => name === "log-file");
  const path = logFile && absolute(logFile.value ?? `${program}.log`, directory);
  const host = {
    hostName: process.system.hostName,
    realtime: () => process.realtime(),
    monotonic: () => process.monotonic(),
    openLog: () => ({
      append: (line: () => string) =>
        process.files.writeFile(path ?? "", new TextEncoder().encode(line()), { append: true }),
    }),
    console: (text: string) => process.warn(text),
  };
  const vlog = new Vlog(host, program, path ?? "", process.pid, modules);
  vlog.setLevel(undefined, undefined, "info");
  for (const { name, value = "" } of options) {
    if (name === "verbose") setLevelsOf(vlog, value);
    else if (name === "log-file") vlog.openFile();
  }
  return vlog;
}

function setLevelsOf(vlog: Vlog, spec: string): void {
  try {
    setLevels(vlog, spec);
  } catch (error) {
    if (!(error instanceof LogSettingError)) throw error;
    throw new OptionError(`processing "${spec}": ${error.message}`);
  }
}
