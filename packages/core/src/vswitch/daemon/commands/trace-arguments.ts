// The arguments of ofproto/trace and ofproto/trace-packet-out: which bridge, which flow, which packet.

import type { Packet } from "../../../kernel/device-vport.ts";
import type { Action } from "../../../ovsproto/openflow/actions.ts";
import { parseActions } from "../../../ovsproto/openflow/action-parse.ts";
import type { Field } from "../../../ovsproto/openflow/fields.ts";
import { checkConsistency } from "../../../ovsproto/openflow/action-check.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { ctStateNames, formatFlags } from "../../../ovsproto/openflow/flags-text.ts";
import { Match } from "../../../ovsproto/openflow/match.ts";
import type { Protocols } from "../../../ovsproto/openflow/protocols.ts";
import { packetMask } from "../../../ovsproto/flow/format.ts";
import { CT_STATE } from "../../conntrack/connection-table.ts";
import { checkActions as checkReferences } from "../../ofproto/openflow/flows.ts";
import { TextError } from "../../../ovsproto/openflow/text-error.ts";
import type { Names } from "../../../ovsproto/openflow/names.ts";
import { extractFlow } from "../../../ovsproto/flow/extract.ts";
import { isTunnelled, W } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { composeFrame } from "../../../ovsproto/flow/compose.ts";
import { parseExactFlow } from "../../../ovsproto/flow/parse-exact.ts";
import { parseKey } from "../../../ovsproto/datapath/parse-key.ts";
import type { Backer } from "../../ofproto/backer.ts";
import type { Bridge } from "../../ofproto/bridge.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";
import { traceFlow } from "./trace.ts";

export function registerTraceCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  server.register(
    "ofproto/trace",
    "{[dp_name] odp_flow | bridge br_flow} [OPTIONS...] [-generate|packet]",
    1,
    Infinity,
    (args) => {
      const { bridge, flow, ...asked } = readArguments(daemon, args);
      return traceFlow(bridge, flow, asked);
    },
  );
  server.register(
    "ofproto/trace-packet-out",
    "[-consistent] {[dp_name] odp_flow | bridge br_flow} [OPTIONS...] [-generate|packet] actions",
    2,
    Infinity,
    (args) => {
      const rest = args.slice(0, -1).filter((arg) => arg !== "-consistent" && arg !== "--consistent");
      const { actions, usable } = actionsOf(args.at(-1) ?? "");
      const { bridge, flow, ...asked } = readArguments(daemon, rest);
      const checked = checkedActions(bridge, flow, actions, rest.length < args.length - 1 ? usable : 0);
      // without actions the flow tables are asked
      return traceFlow(bridge, flow, { ...asked, ...(checked.length > 0 ? { actions: checked } : {}) });
    },
  );
}

interface Asked {
  readonly bridge: Bridge;
  readonly flow: Flow;
  readonly packet: Packet | undefined;
  readonly nextStates: number[];
  readonly names: Names | undefined;
}

/** As an OpenFlow message would be checked; `needed`: versions in which all of it must be allowed. */
function checkedActions(
  bridge: Bridge,
  flow: Flow,
  actions: readonly Action[],
  needed: Protocols,
): readonly Action[] {
  try {
    const checked = checkConsistency(actions, new Match(flow.slice(), packetMask(flow)), needed);
    checkReferences(bridge, checked);
    return checked;
  } catch (error) {
    if (error instanceof OpenflowError) return refuse(`Bad actions: ${error.name}`);
    throw error;
  }
}

function actionsOf(text: string): ReturnType<typeof parseActions> {
  try {
    return parseActions(text, false);
  } catch (error) {
    if (error instanceof TextError) throw new CommandError(error.message);
    throw error;
  }
}

const ETHERNET_HEADER = 14;

/** parse_flow_and_packet() */
function readArguments(daemon: SwitchDaemon, args: readonly string[]): Asked {
  const words: string[] = [];
  const nextStates: number[] = [];
  let generate = false;
  let named = false;
  let payload: Uint8Array | number = 64;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    const value = () => {
      const next = args[++at];
      if (next === undefined) throw new CommandError(`Missing argument for option ${arg}`);
      return next;
    };
    switch (arg) {
      case "-generate":
      case "--generate":
        generate = true;
        break;
      case "--l7":
        payload = bytesOf(value()) ?? refuse("Trailing garbage in packet data");
        break;
      case "--l7-len":
        payload = Number.parseInt(value(), 10) || 0;
        if (payload > 64000) refuse(`${args[at]}: too much L7 data`);
        break;
      case "--ct-next":
        nextStates.push(connectionState(value()));
        break;
      case "-names":
      case "--names":
        named = true;
        break;
      default:
        if (arg.startsWith("-")) refuse(`${arg}: unknown option`);
        if (words.length >= 3) refuse("too many arguments");
        words.push(arg);
    }
  }
  let frame: Uint8Array | undefined;
  if (generate && words.length > 2) refuse("Syntax error");
  if (!generate && words.length > 1) {
    const bytes = bytesOf(words.at(-1) ?? "");
    if (bytes && bytes.length >= ETHERNET_HEADER) {
      frame = bytes;
      words.pop();
    } else if (words.length > 2) {
      refuse(bytes ? "Packet data too short for Ethernet" : "Trailing garbage in packet data");
    }
  }
  const { bridge, flow } = flowOf(daemon, words);
  let packet: Packet | undefined;
  if (generate) {
    // The flow stays as it was given, even where no packet can say it.
    packet = packetOf(bridge, composeFrame(flow, payload));
    extractFlow(packet, flow.slice());
  } else if (frame) {
    packet = packetOf(bridge, frame);
    extractFlow(packet, flow, bridge.backer.datapath.tagLimit);
  }
  return { bridge, flow, packet, nextStates, names: named ? bridge.names : undefined };
}

/** parse_ct_state(), validate_ct_state() */
function connectionState(text: string): number {
  const { NEW, ESTABLISHED, REPLY, INVALID, TRACKED } = CT_STATE;
  let state = 0;
  for (const word of text.split(/[, ]+/).filter((each) => each !== "")) {
    const [bit] = [...ctStateNames.names].find(([, name]) => name === word) ?? [];
    if (bit === undefined) refuse(`${word}: unknown connection tracking state flag`);
    else state |= bit;
  }
  const wrong = (why: string): never =>
    refuse(`${formatFlags(ctStateNames, state)}: invalid connection state: ${why}`);
  if (state !== 0 && !(state & TRACKED)) wrong('If "trk" is unset, no other flags are set');
  if (state & INVALID && state & ~(TRACKED | INVALID)) wrong('when "inv" is set, only "trk" may also be set');
  if (state & NEW && state & ESTABLISHED) wrong('"new" and "est" are mutually exclusive');
  if (state & NEW && state & REPLY) wrong('"new" and "rpy" are mutually exclusive');
  return state;
}

function refuse(text: string): never {
  throw new CommandError(text);
}

/** Hexadecimal digits, with blanks between them; undefined if it is anything else. */
function bytesOf(text: string): Uint8Array | undefined {
  const digits = text.replace(/[\s.]/g, "");
  if (digits.length === 0 || digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}

function packetOf(bridge: Bridge, frame: Uint8Array): Packet {
  const { datapath } = bridge.backer;
  const packet = datapath.host.allocate(datapath.local, frame.length);
  packet.bytes.set(frame, packet.start);
  return packet;
}

function flowOf(
  daemon: SwitchDaemon,
  words: readonly string[],
): { readonly bridge: Bridge; readonly flow: Flow } {
  if (words.length === 0) refuse("Syntax error");
  const text = words.at(-1) ?? "";
  const backer = words.length === 2 ? backerOf(daemon, words[0] ?? "") : onlyBacker(daemon);
  const key = parseKey(text, (name) => backer?.datapath.portNamed(name)?.number);
  if (typeof key !== "string") {
    if (!backer) return refuse("Cannot find the datapath");
    const port = backer.portOf(key);
    if (!port) {
      return refuse(
        isTunnelled(key)
          ? "no OpenFlow tunnel port for this packet"
          : `no OpenFlow port for datapath port ${key[W.IN_PORT]}`,
      );
    }
    if (!port.bridge.tlvTable.accepts(key)) return refuse("Failed to parse Geneve options");
    return { bridge: port.bridge, flow: backer.flowOf(key, port) };
  }
  if (words.length !== 2) return refuse(`${key} (or the bridge name was omitted)`);
  const name = words[0] ?? "";
  const record = daemon.bridges.get(name);
  if (!record) return refuse(`${name}: unknown bridge`);
  return { bridge: record.bridge, flow: exactFlow(record.bridge, text) };
}

function onlyBacker(daemon: SwitchDaemon): Backer | undefined {
  return daemon.backers.size === 1 ? [...daemon.backers.values()][0] : undefined;
}

function backerOf(daemon: SwitchDaemon, name: string): Backer | undefined {
  return daemon.backers.get(name.startsWith("ovs-") ? name.slice(4) : name);
}

/** OpenFlow's syntax, where what is not said is zero. */
function exactFlow(bridge: Bridge, text: string): Flow {
  const { names } = bridge;
  const place = (field: Field) =>
    bridge.tlvTable.fieldOf(field) ?? (field.tunMetadata === undefined ? field : undefined);
  try {
    return parseExactFlow(text, { names, place });
  } catch (error) {
    if (error instanceof TextError) return refuse(`Bad openflow flow syntax: ${error.message}`);
    throw error;
  }
}
