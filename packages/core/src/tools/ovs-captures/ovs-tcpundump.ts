// ovs-tcpundump(1) of Open vSwitch 3.1: takes what `tcpdump -xx` has printed and prints each packet's bytes as hexadecimal
// digits on one line.

import type { Process, Program } from "../../system/process.ts";
import { openReader, readAll } from "../coreutils/streams.ts";
import { OptionError, readCommandLine, scriptName } from "./options.ts";

const NAME = scriptName("ovs-tcpundump");

const USAGE = `\
${NAME}: print "tcpdump -xx" output as hex
usage: ${NAME} < FILE
where FILE is output from "tcpdump -xx".

The following options are also available:
  -h, --help                  display this help message
  -V, --version               display version information
`;

/** An offset and groups of two bytes. */
const ROW = /^\s+0x([0-9a-fA-F]+): ((?: [0-9a-fA-F]{2,4})+)/;

/** A packet ends at a line that is no row, and where another begins at offset 0. */
function* packetsOf(text: string): Iterable<string> {
  let packet = "";
  for (const line of text.split(/\r\n|\r|\n/)) {
    const row = ROW.exec(line);
    if (!row || /^0+$/.test(row[1] ?? "")) {
      if (packet !== "") yield packet;
      packet = "";
    }
    if (row) packet += (row[2] ?? "").replaceAll(" ", "");
  }
  if (packet !== "") yield packet;
}

export const ovsTcpundump: Program = async (process: Process) => {
  try {
    const { options, words } = readCommandLine(process);
    const [option] = options;
    if (option !== undefined) {
      process.print(option === "help" ? USAGE : "ovs-tcpundump (Open vSwitch) 3.1.0\n");
      return 0;
    }
    if (words.length > 0) {
      process.warn(`${NAME}: non-option argument not supported (use --help for help)\n`);
      return 1;
    }
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.warn(`${NAME}: ${error.message}\n`);
    return 1;
  }
  const text = new TextDecoder().decode(await readAll(openReader(process, "-")));
  for (const packet of packetsOf(text)) process.print(`${packet}\n`);
  return 0;
};
