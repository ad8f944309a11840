// tcpdump 4.99.3: what is asked for, where packets come from, which are taken, and what becomes of them. Options are read in
// options.ts, files in savefile.ts, interfaces in live-source.ts; filters are compiled in filter.ts, printing is in print/.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { DLT, linkTypeName } from "../../wire/link-types.ts";
import { readOptions } from "./command-line.ts";
import { DumpFile } from "./dump-file.ts";
import { filterProgram, ownFilter, printProgram } from "./filter.ts";
import { hostNames } from "./host-names.ts";
import { captureInterfaces, interfaceLine } from "./interfaces.ts";
import { chooseInterface, listenOn, printLinkTypes, printTimestampTypes } from "./live.ts";
import type { LiveSource } from "./live-source.ts";
import { CaptureLoop, plural, statisticsText, type Sink } from "./capture-loop.ts";
import { error, programName } from "./options.ts";
import type { Options } from "./options.ts";
import { SourceFault } from "./packet-source.ts";
import type { PacketFilter, PacketSource } from "./packet-source.ts";
import { Addresses } from "./print/addresses.ts";
import { ALL_LAYERS } from "./print/all-layers.ts";
import { Dissector } from "./print/dissector.ts";
import { linkPrinter } from "./print/link-types.ts";
import { PacketPrinter } from "./print/packet.ts";
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

/** Opens `-r FILE` and says on standard error what it is. */
async function openFile(process: Process, path: string, nanoseconds: boolean): Promise<PacketSource> {
  let source: PacketSource;
  try {
    const file = path === "-" ? await bytesFile(process) : process.files.open(path, { read: true });
    source = openSavefile(file, nanoseconds);
  } catch (fault) {
    if (fault instanceof Refusal) error(process, `${path}: ${strerror(fault.errno)}`);
    if (fault instanceof SourceFault) error(process, fault.text);
    throw fault;
  }
  process.warn(
    `reading from file ${path}, link-type ${describe(source.linkType)}, snapshot length ${source.snapLength}\n`,
  );
  if (source.linkType === DLT.LINUX_SLL2) process.warn("Warning: interface names might be incorrect\n");
  return source;
}

function printingSink(process: Process, options: Options, linkType: number): Sink {
  const { print } = options;
  const addresses = new Addresses(print.numeric ? undefined : hostNames(process), print.shortNames);
  const dissector = new Dissector(print, addresses, ALL_LAYERS);
  const printer = new PacketPrinter(dissector, linkPrinter(linkType) ?? unsupported);
  return (packet, number) => {
    process.print(printer.print(packet, number));
    return true;
  };
}

/** What is done with packets: a file, or lines on standard output, or both. */
interface Sinks {
  readonly all: readonly Sink[];
  close(): void;
}

function sinksOf(process: Process, options: Options, source: PacketSource): Sinks {
  const dump =
    options.writeFile === undefined ? undefined : new DumpFile(process, options.writeFile, options, source);
  const all: Sink[] = dump === undefined ? [] : [(packet) => dump.write(packet)];
  if (!options.countOnly && (dump === undefined || options.alsoPrint)) {
    all.push(printingSink(process, options, source.linkType));
  }
  return { all, close: () => dump?.close() };
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
  if (options.fileList !== undefined) error(process, "-V: lists of files are not implemented");
  if (options.postRotate !== undefined) error(process, "-z: running a program on files is not implemented");
  if (options.print.espSecret !== undefined) error(process, "-E: decryption of ESP is not implemented");
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
  if (options.readFile !== undefined) return fromFile(process, options, options.readFile);
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

async function fromFile(process: Process, options: Options, path: string): Promise<number> {
  const source = await openFile(process, path, options.print.nanoseconds);
  const { linkType, snapLength, swapped = false } = source;
  const program = filterProgram(process, options, { linkType, snapLength, savefile: { swapped } });
  if (options.dumpCode > 0) {
    printProgram(process, program, options.dumpCode);
    return 0;
  }
  return capture(process, options, source, ownFilter(program));
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
  return capture(process, options, source, filter, { source, announcement });
}

interface Live {
  readonly source: LiveSource;
  /** What is said once everything is ready. */
  readonly announcement: string;
}

async function capture(
  process: Process,
  options: Options,
  source: PacketSource,
  filter: PacketFilter | undefined,
  live?: Live,
): Promise<number> {
  const sinks = sinksOf(process, options, source);
  const name = programName(process);
  if (live !== undefined) {
    const quiet = options.print.verbose === 0 && options.writeFile === undefined;
    const hint = quiet ? "verbose output suppressed, use -v[v]... for full protocol decode\n" : "";
    process.warn(`${name}: ${hint}${live.announcement}`);
  }
  const loop = new CaptureLoop(process, options, source, filter, sinks.all);
  const end = await loop.run();
  sinks.close();
  if (options.writeFile === undefined || options.alsoPrint) {
    // A line may be unfinished.
    if (end.reason === "signal" && options.writeFile === undefined) process.print("\n");
    process.flush();
  }
  if (end.reason === "fault") process.warn(`${name}: pcap_loop: ${end.text}\n`);
  if (live !== undefined) process.warn(statisticsText(loop.captured, live.source.statistics(), "\n"));
  source.close();
  if (options.countOnly) process.print(`${loop.captured} packet${plural(loop.captured)}\n`);
  return end.reason === "fault" ? 1 : 0;
}
