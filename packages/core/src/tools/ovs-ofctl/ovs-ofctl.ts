// ovs-ofctl(8) of Open vSwitch 3.1: a client of OpenFlow switches, over the management socket of a bridge or any stream
// socket. It only knows sockets, so it drives the embedded switch and a real one alike.

import { Exit } from "../../system/process.ts";
import type { Process, Program } from "../../system/process.ts";
import {
  addFlow,
  addFlows,
  delFlows,
  dumpAggregate,
  dumpFlows,
  modFlows,
  parseFlowCommand,
  parseFlowsCommand,
} from "./flow-commands.ts";
import { composePacket, parsePacket, parsePcap } from "./frame-commands.ts";
import { diffFlows, replaceFlows } from "./compare-flows.ts";
import * as groups from "./group-commands.ts";
import { bundleCommand } from "./bundle-file.ts";
import { Fatal, Ofctl } from "./ofctl-context.ts";
import { ofpParsePcap } from "./openflow-capture.ts";
import { userFault } from "../ovs-daemons/daemon-options.ts";
import { NotBuiltWithSsl } from "../../stream-ssl/stream-ssl.ts";
import { OptionError } from "../ovsdb/options.ts";
import { parseOptions } from "./options.ts";
import { monitor, snoop } from "./packet-commands.ts";
import { packetOutCommand } from "./packet-out.ts";
import * as show from "./show-commands.ts";
import { modTable } from "./table-commands.ts";
import * as tests from "./test-commands.ts";
import { listTlvMap, addTlvMap, delTlvMap } from "./tlv-commands.ts";
import { flushConnections, flushZone } from "./ct-commands.ts";
import { checkVlan } from "./check-vlan.ts";
import { usage } from "./usage.ts";

type Run = (ofctl: Ofctl, words: readonly string[]) => Promise<number | void> | number | void;

interface Command {
  readonly name: string;
  readonly usage: string;
  readonly least: number;
  readonly most: number;
  readonly run: Run;
  /** Refused with --read-only. */
  readonly writes?: boolean;
}

const command = (
  name: string,
  usage: string,
  least: number,
  most: number,
  run: Run,
  writes = false,
): Command => ({
  name,
  usage,
  least,
  most,
  run,
  writes,
});

const MANY = Number.MAX_SAFE_INTEGER;

const COMMANDS: readonly Command[] = [
  command("show", "switch", 1, 1, show.show),
  command("monitor", "switch [misslen] [invalid_ttl] [watch:[...]]", 1, 3, monitor),
  command("snoop", "switch", 1, 1, snoop),
  command("dump-desc", "switch", 1, 1, show.dumpDescription),
  command("dump-tables", "switch", 1, 1, show.dumpTables),
  command("dump-table-features", "switch", 1, 1, show.dumpTableFeatures),
  command("dump-table-desc", "switch", 1, 1, show.dumpTableDescription),
  command("dump-flows", "switch", 1, 2, dumpFlows),
  command("dump-aggregate", "switch", 1, 2, dumpAggregate),
  command("queue-stats", "switch [port [queue]]", 1, 3, show.queueStats),
  command("queue-get-config", "switch [port [queue]]", 1, 3, show.queueConfig),
  command("add-flow", "switch flow", 2, 2, addFlow, true),
  command("add-flows", "switch file", 2, 2, addFlows, true),
  command("mod-flows", "switch flow", 2, 2, modFlows, true),
  command("del-flows", "switch [flow]", 1, 2, delFlows, true),
  command("replace-flows", "switch file", 2, 2, replaceFlows, true),
  command("diff-flows", "source1 source2", 2, 2, diffFlows, true),
  command("add-meter", "switch meter", 2, 2, groups.addMeter, true),
  command("mod-meter", "switch meter", 2, 2, groups.modMeter, true),
  command("del-meter", "switch meter", 1, 2, groups.delMeters, true),
  command("del-meters", "switch", 1, 2, groups.delMeters, true),
  command("dump-meter", "switch meter", 1, 2, groups.dumpMeters),
  command("dump-meters", "switch", 1, 2, groups.dumpMeters),
  command("meter-stats", "switch [meter]", 1, 2, groups.meterStats),
  command("meter-features", "switch", 1, 1, groups.meterFeatures),
  command(
    "packet-out",
    'switch "in_port=<port> packet=<hex data> actions=..."',
    2,
    MANY,
    packetOutCommand,
    true,
  ),
  command("dump-ports", "switch [port]", 1, 2, show.dumpPorts),
  command("dump-ports-desc", "switch [port]", 1, 2, show.dumpPortsDescription),
  command("mod-port", "switch iface act", 3, 3, show.modPort, true),
  command("mod-table", "switch mod", 3, 3, modTable, true),
  command("get-frags", "switch", 1, 1, show.getFrags),
  command("set-frags", "switch frag_mode", 2, 2, show.setFrags, true),
  command("probe", "target", 1, 1, show.probe),
  command("ping", "target [n]", 1, 2, show.ping),
  command("benchmark", "target n count", 3, 3, show.benchmark),
  command("dump-ipfix-bridge", "switch", 1, 1, (ofctl, words) =>
    show.dumpIpfix(ofctl, words, "ipfix_bridge_request"),
  ),
  command("dump-ipfix-flow", "switch", 1, 1, (ofctl, words) =>
    show.dumpIpfix(ofctl, words, "ipfix_flow_request"),
  ),
  command("ct-flush-zone", "switch zone", 2, 2, flushZone),
  command("ct-flush", "switch [zone=N] [ct-orig-tuple [ct-reply-tuple]]", 1, 4, flushConnections),
  command("ofp-parse", "file", 1, 1, tests.ofpParse, true),
  command("ofp-parse-pcap", "pcap", 1, MANY, ofpParsePcap, true),
  command("add-group", "switch group", 1, 2, groups.addGroup, true),
  command("add-groups", "switch file", 2, 2, groups.addGroups, true),
  command("mod-group", "switch group", 1, 2, groups.modGroup, true),
  command("del-groups", "switch [group]", 1, 2, groups.delGroups, true),
  command("insert-buckets", "switch [group]", 1, 2, groups.insertBuckets, true),
  command("remove-buckets", "switch [group]", 1, 2, groups.removeBuckets, true),
  command("dump-groups", "switch [group]", 1, 2, show.dumpGroups),
  command("dump-group-stats", "switch [group]", 1, 2, show.dumpGroupStats),
  command("dump-group-features", "switch", 1, 1, show.dumpGroupFeatures),
  command("bundle", "switch file", 2, 2, bundleCommand, true),
  command("add-tlv-map", "switch map", 2, 2, addTlvMap),
  command("del-tlv-map", "switch [map]", 1, 2, delTlvMap),
  command("dump-tlv-map", "switch", 1, 1, listTlvMap),
  command("help", "", 0, MANY, help),
  command("list-commands", "", 0, MANY, listCommands),
];

/** Not shown: they serve tests. */
const HIDDEN: readonly Command[] = [
  command("parse-flow", "", 1, 1, parseFlowCommand, true),
  command("parse-flows", "", 1, 1, parseFlowsCommand, true),
  command("parse-group", "", 1, 1, groups.parseGroupCommand, true),
  command("parse-nx-match", "", 0, 0, tests.parseNxMatch, true),
  command("parse-nxm", "", 0, 0, tests.parseNxMatch, true),
  command("parse-oxm", "", 1, 1, tests.parseOxmCommand, true),
  command("parse-actions", "", 1, 1, tests.parseActionsCommand, true),
  command("parse-instructions", "", 1, 1, tests.parseInstructionsCommand, true),
  command("parse-ofp10-match", "", 0, 0, tests.parseOfp10Match, true),
  command("parse-ofp11-match", "", 0, 0, tests.parseOfp11Match, true),
  command("parse-pcap", "", 1, MANY, parsePcap, true),
  command("check-vlan", "", 2, 2, checkVlan, true),
  command("print-error", "", 1, 1, tests.printError, true),
  command("encode-error-reply", "", 2, 2, tests.encodeErrorReply, true),
  command("ofp-print", "", 1, 2, tests.ofpPrint, true),
  command("encode-hello", "", 1, 1, tests.encodeHello, true),
  command("parse-key-value", "", 1, MANY, tests.parseKeyValue, true),
  command("compose-packet", "", 1, 2, composePacket),
  command("parse-packet", "", 0, 0, parsePacket),
];

function help(ofctl: Ofctl): void {
  ofctl.process.print(usage(ofctl.process));
}

function listCommands(ofctl: Ofctl): void {
  ofctl.process.print("The available commands are:\n");
  for (const { name, usage } of [...COMMANDS, ...HIDDEN])
    ofctl.process.print(`  ${name.padEnd(23)} ${usage}\n`);
}

async function run(ofctl: Ofctl, [name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined) throw new Fatal("missing command name; use --help for help");
  const found = [...COMMANDS, ...HIDDEN].find((candidate) => candidate.name === name);
  if (!found) throw new Fatal(`unknown command '${name}'; use --help for help`);
  if (words.length < found.least)
    throw new Fatal(`'${name}' command requires at least ${found.least} arguments`);
  if (words.length > found.most) throw new Fatal(`'${name}' command takes at most ${found.most} arguments`);
  if (found.writes === true && ofctl.options.readOnly)
    throw new Fatal(`'${name}' command does not work in read only mode`);
  return (await found.run(ofctl, words)) ?? 0;
}

const VERSION = "ovs-ofctl (Open vSwitch) 3.1.0\nOpenFlow versions 0x1:0x6\n";
export const ovsOfctl: Program = async (process: Process): Promise<number> => {
  try {
    const { options, rest } = parseOptions(process.argv.slice(1));
    const fault = userFault(process, [{ name: "user", value: options.user }]);
    if (fault !== undefined) throw new Fatal(fault);
    const ofctl = new Ofctl(process, options);
    if (options.help) {
      process.print(usage(process));
      return 0;
    }
    if (options.version) {
      process.print(VERSION);
      return 0;
    }
    return await run(ofctl, rest);
  } catch (error) {
    if (error instanceof Exit) throw error;
    const said = [Fatal, NotBuiltWithSsl, OptionError].some((kind) => error instanceof kind);
    if (!said) throw error;
    process.flush();
    process.warn(`ovs-ofctl: ${(error as Fatal).message}\n`);
    return 1;
  }
};
