// tcpdump 4.99.3: options, where packets come from, which are taken, and what becomes of them. Printing is in print/, reading
// of files in savefile.ts.
//
// A live capture and a filter join here: `openSource` returns a PacketSource (packet-source.ts) and `compileFilter` a
// PacketFilter. What is not there yet says so.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { DATA_LINKS } from "./data-links.ts";
import { hostNames } from "./host-names.ts";
import { readOptions } from "./command-line.ts";
import { error, programName } from "./options.ts";
import type { Options } from "./options.ts";
import { SourceFault } from "./packet-source.ts";
import type { PacketFilter, PacketSource } from "./packet-source.ts";
import { Addresses } from "./print/addresses.ts";
import { ALL_LAYERS } from "./print/all-layers.ts";
import { Dissector } from "./print/dissector.ts";
import { linkPrinter } from "./print/link-types.ts";
import { PacketPrinter } from "./print/packet.ts";
import type { CapturedPacket } from "./print/packet.ts";
import { unsupported } from "./print/unsupported.ts";
import { openSavefile } from "./savefile.ts";
import { bytesFile } from "./standard-input.ts";

/** Packets between two looks at signals and at the reader of the output. */
const BATCH = 500;
const LINUX_SLL2 = 276;

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
  const known = DATA_LINKS.get(source.linkType);
  const type = known === undefined ? String(source.linkType) : `${known[0]} (${known[1]})`;
  process.warn(`reading from file ${path}, link-type ${type}, snapshot length ${source.snapLength}\n`);
  if (source.linkType === LINUX_SLL2) process.warn("Warning: interface names might be incorrect\n");
  return source;
}

function openSource(process: Process, options: Options): Promise<PacketSource> {
  if (options.readFile !== undefined) return openFile(process, options.readFile, options.print.nanoseconds);
  return error(process, "live capture is not implemented");
}

function compileFilter(process: Process, options: Options): PacketFilter | undefined {
  if (options.expression.length === 0 && options.filterFile === undefined) return undefined;
  return error(process, "filter expressions are not implemented");
}

/** What is done with every packet that passes. */
type Sink = (packet: CapturedPacket, number: number) => void;

function printingSink(process: Process, options: Options, linkType: number): Sink {
  const { print } = options;
  const addresses = new Addresses(print.numeric ? undefined : hostNames(process), print.shortNames);
  const dissector = new Dissector(print, addresses, ALL_LAYERS);
  const printer = new PacketPrinter(dissector, linkPrinter(linkType) ?? unsupported(linkType));
  return (packet, number) => process.print(printer.print(packet, number));
}

export async function tcpdump(process: Process): Promise<number> {
  const options = readOptions(process);
  const { print } = options;
  if (print.timestamps > 5) error(process, "only -t, -tt, -ttt, -tttt and -ttttt are supported");
  if (options.foreignNumeric && (options.fileList !== undefined || options.readFile !== undefined)) {
    error(process, "-f can not be used with -V or -r");
  }
  if (options.fileList !== undefined && options.readFile !== undefined) {
    error(process, "-V and -r are mutually exclusive.");
  }
  if (print.espSecret !== undefined) error(process, "-E: decryption of ESP is not implemented");
  const source = await openSource(process, options);
  const filter = compileFilter(process, options);
  const sink: Sink = options.countOnly ? () => {} : printingSink(process, options, source.linkType);
  let seen: number;
  try {
    seen = await readPackets(process, source, filter, sink, options.count);
  } catch (fault) {
    if (!(fault instanceof SourceFault)) throw fault;
    process.flush();
    process.warn(`${programName(process)}: pcap_loop: ${fault.text}\n`);
    return 1;
  } finally {
    source.close();
  }
  if (options.countOnly) process.print(`${seen} packet${seen === 1 ? "" : "s"}\n`);
  return 0;
}

/** Hands packets to `sink` until there are no more, or `limit` have passed. Returns how many have. */
async function readPackets(
  process: Process,
  source: PacketSource,
  filter: PacketFilter | undefined,
  sink: Sink,
  limit: number,
): Promise<number> {
  const packet: CapturedPacket = {
    seconds: 0,
    fraction: 0,
    bytes: new Uint8Array(0),
    start: 0,
    captured: 0,
    length: 0,
  };
  let passed = 0;
  let taken = 0;
  for (;;) {
    if (limit >= 0 && passed >= limit) break;
    const got = source.next(packet);
    if (got === "end") break;
    if (got === "wait") {
      process.flush();
      await process.wait(source.waitable === undefined ? [] : [source.waitable]);
      continue;
    }
    if (filter === undefined || filter.matches(packet)) sink(packet, ++passed);
    if (++taken % BATCH === 0 && (!process.stdout.ready || process.interrupted)) {
      await process.wait([process.stdout]);
    }
  }
  return passed;
}
