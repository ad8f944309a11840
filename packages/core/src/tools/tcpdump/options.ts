// What tcpdump's options mean, and the checks that each gets as it is met. The words are taken apart in command-line.ts.

import type { Process } from "../../system/process.ts";
import { dltNamed } from "../../wire/link-types.ts";
import { DEFAULTS, PACKET_TYPES } from "./print/options.ts";
import type { PacketType, PrintOptions } from "./print/options.ts";
import { USAGE, VERSION } from "./usage.ts";

const MAXIMUM_SNAPLEN = 262_144;
const MILLION = 1_000_000;

export interface Options {
  readonly print: PrintOptions;
  /** -B, KiB */
  bufferSize: number | undefined;
  /** -c; -1: no limit */
  count: number;
  /** --count */
  countOnly: boolean;
  /** -C, bytes; 0: no rotation by size */
  fileSize: number;
  /** -d, -dd, -ddd */
  dumpCode: number;
  /** -D */
  listInterfaces: boolean;
  /** -f */
  foreignNumeric: boolean;
  /** -F */
  filterFile: string | undefined;
  /** -G, seconds; 0: no rotation by time */
  rotateSeconds: number;
  /** -i */
  device: string | undefined;
  /** -I */
  monitorMode: boolean;
  /** --immediate-mode */
  immediate: boolean;
  /** -j */
  timestampType: string | undefined;
  /** -J */
  listTimestampTypes: boolean;
  /** -l */
  lineBuffered: boolean;
  /** -L */
  listDataLinks: boolean;
  /** -O */
  optimize: boolean;
  /** -p */
  promiscuous: boolean;
  /** --print */
  alsoPrint: boolean;
  /** -Q */
  direction: "in" | "out" | "inout" | undefined;
  /** -r */
  readFile: string | undefined;
  /** -s; 0: the default */
  snapLength: number;
  /** -U */
  packetBuffered: boolean;
  /** -V */
  fileList: string | undefined;
  /** -w */
  writeFile: string | undefined;
  /** -W; 0: no limit */
  fileCount: number;
  /** -y */
  dataLink: number | undefined;
  dataLinkName: string;
  /** -z */
  postRotate: string | undefined;
  /** -Z */
  user: string | undefined;
  /** The words of the filter expression. */
  expression: readonly string[];
}

/** tcpdump's error(): the text on standard error, and the end. */
export function error(process: Process, text: string, status = 1): never {
  process.flush();
  process.warn(`${programName(process)}: ${text}\n`);
  process.exit(status);
}

export function warning(process: Process, text: string): void {
  process.flush();
  process.warn(`${programName(process)}: WARNING: ${text}\n`);
}

export function programName(process: Process): string {
  return (process.argv[0] ?? "").replace(/^.*\//, "");
}

export function usage(process: Process): never {
  process.flush();
  process.warn(USAGE);
  process.exit(1);
}

/** atoi(3). */
function atoi(text: string): number {
  const digits = /^\s*([+-]?\d+)/.exec(text);
  return digits === null ? 0 : Number(digits[1]) | 0;
}

/** strtol(3) with base 0 of a whole text; undefined if it is none. */
function strtol(text: string): number | undefined {
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text);
  if (match === null) return undefined;
  const digits = match[2] ?? "";
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return match[1] === "-" ? -value : value;
}

/** -C: millions of bytes. */
function fileSize(process: Process, text: string): number {
  if (!/^\s*[+-]?\d+$/.test(text)) error(process, `invalid file size ${text}`);
  const size = BigInt(text.trim().replace(/^\+/, ""));
  if (size <= 0n || size >= 1n << 63n) error(process, `invalid file size ${text}`);
  if (size > ((1n << 63n) - 1n) / BigInt(MILLION)) error(process, `file size ${text} is too large`);
  return Number(size) * MILLION;
}

/** Takes options one by one, with the check that each gets as it is met. */
export class OptionReader {
  readonly #process: Process;
  readonly options: Options = {
    print: { ...DEFAULTS },
    bufferSize: undefined,
    count: -1,
    countOnly: false,
    fileSize: 0,
    dumpCode: 0,
    listInterfaces: false,
    foreignNumeric: false,
    filterFile: undefined,
    rotateSeconds: 0,
    device: undefined,
    monitorMode: false,
    immediate: false,
    timestampType: undefined,
    listTimestampTypes: false,
    lineBuffered: false,
    listDataLinks: false,
    optimize: true,
    promiscuous: true,
    alsoPrint: false,
    direction: undefined,
    readFile: undefined,
    snapLength: 0,
    packetBuffered: false,
    fileList: undefined,
    writeFile: undefined,
    fileCount: 0,
    dataLink: undefined,
    dataLinkName: "",
    postRotate: undefined,
    user: undefined,
    expression: [],
  };

  constructor(process: Process) {
    this.#process = process;
  }

  /** One option with its value. */
  take(name: string, value: string): void {
    const process = this.#process;
    const { options } = this;
    const { print } = options;
    switch (name) {
      case "a":
        break;
      case "A":
        print.ascii++;
        break;
      case "b":
        print.asDot = true;
        break;
      case "B":
        options.bufferSize = atoi(value);
        if (options.bufferSize * 1024 <= 0) error(process, `invalid packet buffer size ${value}`);
        break;
      case "c":
        options.count = atoi(value);
        if (options.count <= 0) error(process, `invalid packet count ${value}`);
        break;
      case "C":
        options.fileSize = fileSize(process, value);
        break;
      case "d":
        options.dumpCode++;
        break;
      case "D":
        options.listInterfaces = true;
        break;
      case "e":
        print.linkHeaders = true;
        break;
      case "E":
        print.espSecret = value;
        break;
      case "f":
        options.foreignNumeric = true;
        break;
      case "F":
        options.filterFile = value;
        break;
      case "G":
        options.rotateSeconds = atoi(value);
        if (options.rotateSeconds < 0) error(process, `invalid number of seconds ${value}`);
        break;
      case "h":
        process.print(USAGE);
        process.exit(0);
        break;
      case "H":
        print.mesh = true;
        break;
      case "i":
        options.device = value;
        break;
      case "I":
        options.monitorMode = true;
        break;
      case "j":
        if (!TIMESTAMP_TYPES.has(value.toLowerCase())) error(process, `invalid time stamp type ${value}`);
        options.timestampType = value;
        break;
      case "J":
        options.listTimestampTypes = true;
        break;
      case "K":
        print.skipChecksums = true;
        break;
      case "l":
        options.lineBuffered = true;
        break;
      case "L":
        options.listDataLinks = true;
        break;
      case "m":
        process.warn(`${programName(process)}: ignoring option \`-m ${value}' (no libsmi support)\n`);
        break;
      case "M":
        print.md5Secret = value;
        break;
      case "n":
        print.numeric = true;
        break;
      case "N":
        print.shortNames = true;
        break;
      case "O":
        options.optimize = false;
        break;
      case "p":
        options.promiscuous = false;
        break;
      case "q":
        print.quiet++;
        break;
      case "Q":
        options.direction = DIRECTIONS.find((one) => one === value.toLowerCase());
        if (options.direction === undefined) error(process, `unknown capture direction \`${value}'`);
        break;
      case "r":
        options.readFile = value;
        break;
      case "s":
        options.snapLength = strtol(value) ?? -1;
        if (options.snapLength < 0 || options.snapLength > MAXIMUM_SNAPLEN) {
          error(process, `invalid snaplen ${value} (must be >= 0 and <= ${MAXIMUM_SNAPLEN})`);
        }
        break;
      case "S":
        print.absoluteSequences = true;
        break;
      case "t":
        print.timestamps++;
        break;
      case "T":
        print.packetType = PACKET_TYPES.find((one): one is PacketType => one === value.toLowerCase());
        if (print.packetType === undefined) error(process, `unknown packet type \`${value}'`);
        break;
      default:
        this.#takeRest(name, value);
    }
  }

  #takeRest(name: string, value: string): void {
    const process = this.#process;
    const { options } = this;
    const { print } = options;
    switch (name) {
      case "u":
        print.undecodedNfsHandles = true;
        break;
      case "U":
        options.packetBuffered = true;
        break;
      case "v":
        print.verbose++;
        break;
      case "V":
        options.fileList = value;
        break;
      case "w":
        options.writeFile = value;
        break;
      case "W":
        options.fileCount = atoi(value);
        if (options.fileCount <= 0) error(process, `invalid number of output files ${value}`);
        break;
      case "x":
        print.hex++;
        break;
      case "X":
        print.hexAndAscii++;
        break;
      case "y":
        options.dataLink = dltNamed(value);
        options.dataLinkName = value;
        if (options.dataLink === undefined) error(process, `invalid data link type ${value}`);
        break;
      case "Y":
        break;
      case "z":
        options.postRotate = value;
        break;
      case "Z":
        options.user = value;
        break;
      case "#":
        print.number = true;
        break;
      case "version":
        process.print(VERSION);
        process.exit(0);
        break;
      case "time-stamp-precision":
        if (value !== "micro" && value !== "nano") error(process, "unsupported time stamp precision");
        print.nanoseconds = value === "nano";
        break;
      case "micro":
      case "nano":
        print.nanoseconds = name === "nano";
        break;
      case "immediate-mode":
        options.immediate = true;
        break;
      case "print":
        options.alsoPrint = true;
        break;
      case "count":
        options.countOnly = true;
        break;
      case "fp-type":
        process.print("31 39 93 4e\n");
        process.exit(0);
        break;
      default:
        usage(process);
    }
  }

  /** What only the whole line can tell. */
  finish(): void {
    const process = this.#process;
    const { options } = this;
    const { print } = options;
    const exclusive = "are mutually exclusive.";
    if (print.ascii > 0 && print.hex > 0) warning(process, `-A and -x[x] ${exclusive} -A ignored.`);
    if (print.ascii > 0 && print.hexAndAscii > 0) warning(process, `-A and -X[X] ${exclusive} -A ignored.`);
    if (print.hex > 0 && print.hexAndAscii > 0)
      warning(process, `-x[x] and -X[X] ${exclusive} -x[x] ignored.`);
  }
}

const DIRECTIONS = ["in", "out", "inout"] as const;

const TIMESTAMP_TYPES: ReadonlySet<string> = new Set([
  "host",
  "host_lowprec",
  "host_hiprec",
  "adapter",
  "adapter_unsynced",
  "host_hiprec_unsynced",
]);
