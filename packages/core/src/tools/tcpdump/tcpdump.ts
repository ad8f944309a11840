// tcpdump 4.99.3: what is asked for, where packets come from, which are taken, and what becomes of them. Options are read in
// options.ts, files in savefile.ts, interfaces in live-source.ts; filters are compiled in filter.ts, printing is in print/.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { BpfProgram } from "../../wire/bpf/instruction.ts";
import { DLT, linkTypeName } from "../../wire/link-types.ts";
import { interfaceName } from "../resolver/interfaces.ts";
import { readOptions } from "./command-line.ts";
import { DumpFile } from "./dump-file.ts";
import { readFileList } from "./file-list.ts";
import { filterProgram, ownFilter, printProgram } from "./filter.ts";
import { hostNames } from "./host-names.ts";
import { captureInterfaces, interfaceLine } from "./interfaces.ts";
import { chooseInterface, listenOn, printLinkTypes, printTimestampTypes } from "./live.ts";
import type { LiveSource } from "./live-source.ts";
import { CaptureLoop, plural, statisticsText, type Sink } from "./capture-loop.ts";
import { error, programName, warning } from "./options.ts";
import type { Options } from "./options.ts";
import { SourceFault } from "./packet-source.ts";
import type { PacketFilter, PacketSource } from "./packet-source.ts";
import { Addresses } from "./print/addresses.ts";
import { ALL_LAYERS } from "./print/all-layers.ts";
import { Dissector } from "./print/dissector.ts";
import { linkPrinter } from "./print/link-types.ts";
import { PacketPrinter } from "./print/packet.ts";
import { SecurityAssociations } from "./print/security-associations.ts";
import type { KeyReader } from "./print/security-associations.ts";
import { unsupported } from "./print/unsupported.ts";
import { openSavefile } from "./savefile.ts";
import { bytesFile } from "./standard-input.ts";

/** Snapshot length of a program that is compiled without a capture. */
const DEFAULT_SNAP_LENGTH = 262_144;

/** `NAME (description)`, or the number. */
function describe(linkType: number): string {
  const known = linkTypeName(linkType);
  return known === undefined ? String(linkType) : `${known.name} (${known.description})`;
}

async function openFile(process: Process, path: string, nanoseconds: boolean): Promise<PacketSource> {
  try {
    const file = path === "-" ? await bytesFile(process) : process.files.open(path, { read: true });
    return openSavefile(file, nanoseconds);
  } catch (fault) {
    if (fault instanceof Refusal) {
      // A directory can be opened, but not read.
      const what = fault.errno === ERRNO.EISDIR ? "error reading dump file" : path;
      error(process, `${what}: ${strerror(fault.errno)}`);
    }
    if (fault instanceof SourceFault) error(process, fault.text);
    throw fault;
  }
}

/** Says on standard error what a file is. */
function announceFile(process: Process, path: string, { linkType, snapLength }: PacketSource): void {
  process.warn(`reading from file ${path}, link-type ${describe(linkType)}, snapshot length ${snapLength}\n`);
}

interface PrintingSink {
  readonly print: Sink;
  setLinkType(linkType: number): void;
}

/** How the keys that -E tells are read, and what is wrong with them is told. */
function keyReader(process: Process): KeyReader {
  return {
    warn: (text) => warning(process, text),
    fail: (text, status) => error(process, text, status),
    read: (path) => {
      try {
        return process.files.readFile(path);
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        return strerror(refusal.errno);
      }
    },
  };
}

function printingSink(process: Process, options: Options, linkType: number): PrintingSink {
  const { print } = options;
  const addresses = new Addresses(print.numeric ? undefined : hostNames(process), print.shortNames);
  const dissector = new Dissector(print, addresses, ALL_LAYERS);
  dissector.interfaceName = (ifindex) => interfaceName(process, ifindex);
  if (print.espSecret !== undefined) {
    dissector.associations = new SecurityAssociations(print.espSecret, keyReader(process));
  }
  const printer = new PacketPrinter(dissector, linkPrinter(linkType) ?? unsupported);
  return {
    print: (packet, number) => {
      process.print(printer.print(packet, number));
      return true;
    },
    setLinkType: (type) => {
      printer.link = linkPrinter(type) ?? unsupported;
    },
  };
}

/** What is done with packets: a file, or lines on standard output, or both. */
interface Sinks {
  readonly all: readonly Sink[];
  readonly printing: PrintingSink | undefined;
  close(): void;
}

function sinksOf(process: Process, options: Options, source: PacketSource): Sinks {
  const dump =
    options.writeFile === undefined ? undefined : new DumpFile(process, options.writeFile, options, source);
  const all: Sink[] = dump === undefined ? [] : [(packet) => dump.write(packet)];
  const prints = !options.countOnly && (dump === undefined || options.alsoPrint);
  const printing = prints ? printingSink(process, options, source.linkType) : undefined;
  if (printing !== undefined) all.push(printing.print);
  return { all, printing, close: () => dump?.close() };
}

/** Options that contradict each other, or that are not there. */
function checkOptions(process: Process, options: Options): void {
  if (options.print.timestamps > 5) error(process, "only -t, -tt, -ttt, -tttt and -ttttt are supported");
  if (options.foreignNumeric && (options.fileList !== undefined || options.readFile !== undefined)) {
    error(process, "-f can not be used with -V or -r");
  }
  if (options.fileList !== undefined && options.readFile !== undefined) {
    error(process, "-V and -r are mutually exclusive.");
  }
}

export async function tcpdump(process: Process): Promise<number> {
  const options = readOptions(process);
  if (options.listInterfaces) {
    for (const [index, one] of captureInterfaces(process).entries()) {
      process.print(`${interfaceLine(one, index + 1)}\n`);
    }
    return 0;
  }
  checkOptions(process, options);
  if (options.readFile !== undefined) return fromFiles(process, options, [options.readFile]);
  if (options.fileList !== undefined) {
    return fromFiles(process, options, await readFileList(process, options.fileList));
  }
  if (options.dumpCode > 0 && options.device === undefined) return onlyProgram(process, options);
  return fromDevice(process, options);
}

/** -d without packets. */
function onlyProgram(process: Process, options: Options): number {
  if (options.dataLink === undefined) process.warn("Warning: assuming Ethernet\n");
  const linkType = options.dataLink ?? DLT.EN10MB;
  const snapLength = options.snapLength === 0 ? DEFAULT_SNAP_LENGTH : options.snapLength;
  printProgram(process, filterProgram(process, options, { linkType, snapLength }), options.dumpCode);
  return 0;
}

async function fromFiles(process: Process, options: Options, paths: readonly string[]): Promise<number> {
  const [first = "", ...others] = paths;
  const source = await openFile(process, first, options.print.nanoseconds);
  announceFile(process, first, source);
  if (source.linkType === DLT.LINUX_SLL2) process.warn("Warning: interface names might be incorrect\n");
  const program = savefileProgram(process, options, source);
  if (options.dumpCode > 0) {
    printProgram(process, program, options.dumpCode);
    return 0;
  }
  dropPrivileges(process, options);
  return capture(process, options, source, ownFilter(program), others);
}

function savefileProgram(process: Process, options: Options, source: PacketSource): BpfProgram {
  const { linkType, snapLength, swapped = false } = source;
  return filterProgram(process, options, { linkType, snapLength, savefile: { swapped } });
}

const PASSWORDS = "/etc/passwd";

/** -Z: nobody else is there to become, but a user who does not exist is refused. */
function dropPrivileges(process: Process, { user }: Options): void {
  if (user === undefined || user === "root") return;
  let known = "";
  try {
    known = new TextDecoder().decode(process.files.readFile(PASSWORDS));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
  }
  if (!known.split("\n").some((line) => line.startsWith(`${user}:`))) {
    error(process, `Couldn't find user '${user}'`);
  }
}

async function fromDevice(process: Process, options: Options): Promise<number> {
  const device = chooseInterface(process, options);
  if (options.listTimestampTypes) return printTimestampTypes(process, device);
  if (options.listDataLinks) return printLinkTypes(process, device);
  const source = listenOn(process, device, options);
  const { linkType, snapLength } = source;
  const program = filterProgram(process, options, {
    linkType,
    snapLength,
    vlanBesideFrame: source.hasVlanBeside,
  });
  if (options.dumpCode > 0) {
    printProgram(process, program, options.dumpCode);
    return 0;
  }
  const filter = source.attach(program) ? undefined : ownFilter(program);
  const announcement = `listening on ${device.name}, link-type ${describe(linkType)}, snapshot length ${snapLength} bytes\n`;
  return capture(process, options, source, filter, [], { source, announcement });
}

interface Live {
  readonly source: LiveSource;
  /** What is said once everything is ready. */
  readonly announcement: string;
}

/** Takes packets from a source and, with -V, from the files after it. */
async function capture(
  process: Process,
  options: Options,
  first: PacketSource,
  filter: PacketFilter | undefined,
  files: readonly string[],
  live?: Live,
): Promise<number> {
  const sinks = sinksOf(process, options, first);
  const name = programName(process);
  if (live !== undefined) {
    const quiet = options.print.verbose === 0 && options.writeFile === undefined;
    const hint = quiet ? "verbose output suppressed, use -v[v]... for full protocol decode\n" : "";
    process.warn(`${name}: ${hint}${live.announcement}`);
  }
  const later = [...files];
  let captured = 0;
  let status = 0;
  for (let from = { source: first, filter }; ;) {
    const { source } = from;
    const loop = new CaptureLoop(process, options, source, from.filter, sinks.all, captured);
    const end = await loop.run();
    captured += loop.captured;
    if (later.length === 0 || end.reason === "signal") sinks.close();
    if (options.writeFile === undefined || options.alsoPrint) {
      // A line may be unfinished.
      if (end.reason === "signal" && options.writeFile === undefined) process.print("\n");
      process.flush();
    }
    if (end.reason === "fault") process.warn(`${name}: pcap_loop: ${end.text}\n`);
    if (live !== undefined) process.warn(statisticsText(captured, live.source.statistics(), "\n"));
    source.close();
    status = end.reason === "fault" ? 1 : 0;
    const path = end.reason === "signal" ? undefined : later.shift();
    if (path === undefined) break;
    from = await nextFile(process, options, path, source.linkType, sinks);
  }
  if (options.countOnly) process.print(`${captured} packet${plural(captured)}\n`);
  return status;
}

/** Another file of -V. What is written has one link type; what is printed may change it. */
async function nextFile(
  process: Process,
  options: Options,
  path: string,
  linkType: number,
  sinks: Sinks,
): Promise<{ readonly source: PacketSource; readonly filter: PacketFilter }> {
  const source = await openFile(process, path, options.print.nanoseconds);
  if (source.linkType !== linkType) {
    if (options.writeFile !== undefined) {
      sinks.close();
      error(process, `${path}: new dlt does not match original`);
    }
    sinks.printing?.setLinkType(source.linkType);
  }
  const filter = ownFilter(savefileProgram(process, options, source));
  announceFile(process, path, source);
  return { source, filter };
}
