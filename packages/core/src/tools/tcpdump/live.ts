// Which interface is captured on, and opening it with what the options ask for. The checks and their order are libpcap's
// (pcap_activate()) and tcpdump's.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { IFF } from "../../netlink/rtnl/link-constants.ts";
import type { Process } from "../../system/process.ts";
import { DLT, linkTypeName } from "../../wire/link-types.ts";
import { ANY, captureInterfaces, linkTypeLines, linkTypesOf } from "./interfaces.ts";
import type { CaptureInterface } from "./interfaces.ts";
import { LiveSource } from "./live-source.ts";
import { error, programName, warning } from "./options.ts";
import type { Options } from "./options.ts";
import { linkPrinter } from "./print/link-types.ts";

const MAXIMUM_SNAPLEN = 262_144;

/** The interface of -i, by name or by its number in -D; without -i the first one. */
export function chooseInterface(process: Process, options: Options): CaptureInterface {
  const { device } = options;
  const all = captureInterfaces(process);
  if (device === undefined) return all[0] ?? error(process, "no interfaces available for capture");
  const named = all.find(({ name, ifindex }) => name === device && (ifindex > 0 || name === ANY));
  if (named !== undefined) return named;
  if (/^[0-9]+$/.test(device)) return all[Number(device) - 1] ?? error(process, "Invalid adapter index");
  if (all.some(({ name }) => name === device))
    error(process, `${device}: capturing on it is not implemented`);
  return error(process, `${device}: No such device exists\n(No such device exists)`);
}

/** -L. */
export function printLinkTypes(process: Process, device: CaptureInterface): number {
  checkUp(process, device);
  const types = linkTypesOf(device);
  process.print(
    linkTypeLines(device.name, types, (type) => type !== DOCSIS && linkPrinter(type) !== undefined),
  );
  return 0;
}

/** -J: the kernel's clock is all that there is. */
export function printTimestampTypes(process: Process, device: CaptureInterface): number {
  process.print(`Time stamp types for ${device.name} (use option -j to set):\n  host (Host)\n`);
  return 0;
}

const DOCSIS = 143;

function checkUp(process: Process, device: CaptureInterface): void {
  if (device.name !== ANY && (device.flags & IFF.UP) === 0)
    error(process, `${device.name}: That device is not up`);
}

/** Opens the interface. Ends the program if that is refused. */
export function listenOn(process: Process, device: CaptureInterface, options: Options): LiveSource {
  const { name } = device;
  if (options.monitorMode) error(process, `${name}: That device doesn't support monitor mode`);
  checkUp(process, device);
  const { timestampType } = options;
  if (timestampType !== undefined && timestampType.toLowerCase() !== "host") {
    warning(
      process,
      `When trying to set timestamp type '${timestampType}' on ${name}: That type of time stamp is not supported by that device`,
    );
  }
  const linkType = chosenLinkType(process, device, options);
  try {
    return new LiveSource(process, device, {
      linkType,
      snapLength: options.snapLength === 0 ? MAXIMUM_SNAPLEN : options.snapLength,
      nanoseconds: options.print.nanoseconds,
      promiscuous: options.promiscuous,
      immediate:
        options.immediate || (options.writeFile === undefined && process.stdout.terminal !== undefined),
      direction: options.direction,
      buffer: options.bufferSize === undefined ? undefined : options.bufferSize * 1024,
    });
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    if (refusal.errno === ERRNO.EPERM || refusal.errno === ERRNO.EACCES) {
      error(
        process,
        `${name}: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)`,
      );
    }
    if (refusal.errno === ERRNO.ENODEV)
      error(process, `${name}: No such device exists\n(No such device exists)`);
    throw refusal;
  }
}

function chosenLinkType(process: Process, device: CaptureInterface, options: Options): number {
  const types = linkTypesOf(device);
  const { dataLink } = options;
  const chosen = dataLink ?? (device.name === ANY ? DLT.LINUX_SLL2 : undefined);
  if (chosen === undefined) return types[0] ?? DLT.EN10MB;
  const name = linkTypeName(chosen)?.name ?? String(chosen);
  if (!types.includes(chosen)) error(process, `${name} is not one of the DLTs supported by this device`);
  process.warn(`${programName(process)}: data link type ${name}\n`);
  return chosen;
}
