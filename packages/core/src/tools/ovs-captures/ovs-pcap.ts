// ovs-pcap(1) of Open vSwitch 3.1: the frames of a capture file as hexadecimal digits, a line each. It reads more carefully than
// Open vSwitch's C programs do: the byte order is the file's, and what is cut off is said.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process, Program } from "../../system/process.ts";
import { readU32BE, readU32LE } from "../../wire/bytes.ts";
import { bytesToHex } from "../../wire/hex.ts";
import { PCAP_HEADER_LENGTH, PCAP_PACKET_HEADER_LENGTH } from "../../wire/pcap.ts";
import { OptionError, readCommandLine, scriptName } from "./options.ts";

const NAME = scriptName("ovs-pcap");
/** Microseconds and nanoseconds. */
const MAGICS: readonly number[] = [0xa1b2_c3d4, 0xa1b2_3c4d];

const USAGE = `\
${NAME}: print pcap file packet data as hex
usage: ${NAME} FILE
where FILE is a PCAP file.

The following options are also available:
  -h, --help                  display this help message
  -V, --version               display version information
`;

/** Why a file is not read any further. */
class BadCapture extends Error {}

function* framesOf(bytes: Uint8Array): Iterable<Uint8Array> {
  if (bytes.length < PCAP_HEADER_LENGTH) throw new BadCapture("end of file reading pcap header");
  const magic = readU32BE(bytes, 0);
  if (!MAGICS.includes(magic) && !MAGICS.includes(readU32LE(bytes, 0))) {
    const known = "0xa1b2c3d4, 0xa1b23c4d, 0x4d3cb2a1 or 0xd4c3b2a1";
    throw new BadCapture(`bad magic ${magic} reading pcap file (expected ${known})`);
  }
  const u32 = MAGICS.includes(magic) ? readU32BE : readU32LE;
  for (let at = PCAP_HEADER_LENGTH; at < bytes.length;) {
    const start = at + PCAP_PACKET_HEADER_LENGTH;
    if (start > bytes.length) throw new BadCapture("end of file within pcap record header");
    const length = u32(bytes, at + 8);
    at = start + length;
    if (at > bytes.length) throw new BadCapture("end of file reading pcap packet data");
    yield bytes.subarray(start, at);
  }
}

/** What Python calls errors of the system. */
const EXCEPTIONS: ReadonlyMap<number, string> = new Map([
  [ERRNO.ENOENT, "FileNotFoundError"],
  [ERRNO.EISDIR, "IsADirectoryError"],
  [ERRNO.EACCES, "PermissionError"],
  [ERRNO.ENOTDIR, "NotADirectoryError"],
]);

/** @returns the exit code */
function printFile(process: Process, path: string): number {
  try {
    for (const frame of framesOf(process.files.readFile(path))) process.print(`${bytesToHex(frame)}\n`);
    return 0;
  } catch (error) {
    process.flush();
    if (error instanceof BadCapture) process.warn(`${NAME}: ${error.message}\n`);
    else if (error instanceof Refusal) {
      // the last line of what Python says of an exception that nobody catches
      const { errno } = error;
      const exception = EXCEPTIONS.get(errno) ?? "OSError";
      process.warn(`${exception}: [Errno ${errno}] ${strerror(errno)}: '${path}'\n`);
    } else throw error;
    return 1;
  }
}

export const ovsPcap: Program = (process) => {
  try {
    const { options, words } = readCommandLine(process);
    for (const option of options) {
      if (option === "help") {
        process.print(USAGE);
        return 0;
      }
      // the original goes on after that, and wants a file
      process.print("ovs-pcap (Open vSwitch) 3.1.0\n");
    }
    const [path] = words;
    if (path !== undefined && words.length === 1) return printFile(process, path);
    process.flush();
    process.warn(`${NAME}: exactly 1 non-option argument required (use --help for help)\n`);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.warn(`${NAME}: ${error.message}\n`);
  }
  return 1;
};
