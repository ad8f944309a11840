// ethtool -k and -K: offload features. Some go by a name of the tool, which stands for one feature or a group of them.

import { features, strset } from "../../netlink/generic/ethtool.ts";
import { bitsetMeaning } from "../../netlink/generic/ethtool-bitset.ts";
import type { Bitset } from "../../netlink/generic/ethtool-bitset.ts";
import { ETH_SS, ETHTOOL_FLAG, ETHTOOL_MSG, ETHTOOL_REPLY } from "../../netlink/generic/ethtool-constants.ts";
import { JsonWriter } from "../ip/json-writer.ts";
import { wrongParameter } from "./parameters.ts";
import type { EthtoolSession } from "./session.ts";

const SET_FAILED = 92; // exit status

/** A name of the tool: its short form, its long form, and which of the kernel's names it stands for. */
interface Group {
  readonly short: string;
  readonly long: string;
  readonly kernel: RegExp;
}

const GROUPS: readonly Group[] = [
  { short: "rx", long: "rx-checksumming", kernel: /^rx-checksum$/ },
  { short: "tx", long: "tx-checksumming", kernel: /^tx-checksum-/ },
  { short: "sg", long: "scatter-gather", kernel: /^tx-scatter-gather/ },
  { short: "tso", long: "tcp-segmentation-offload", kernel: /^tx-tcp.*-segmentation$/ },
  { short: "ufo", long: "udp-fragmentation-offload", kernel: /^tx-udp-fragmentation$/ },
  { short: "gso", long: "generic-segmentation-offload", kernel: /^tx-generic-segmentation$/ },
  { short: "gro", long: "generic-receive-offload", kernel: /^rx-gro$/ },
  { short: "lro", long: "large-receive-offload", kernel: /^rx-lro$/ },
  { short: "rxvlan", long: "rx-vlan-offload", kernel: /^rx-vlan-hw-parse$/ },
  { short: "txvlan", long: "tx-vlan-offload", kernel: /^tx-vlan-hw-insert$/ },
  { short: "ntuple", long: "ntuple-filters", kernel: /^rx-ntuple-filter$/ },
  { short: "rxhash", long: "receive-hashing", kernel: /^rx-hashing$/ },
];

/** Names by bit number, as the kernel has them. */
function featureNames(session: EthtoolSession): readonly string[] {
  const wanted = { stringsets: { stringset: [{ id: ETH_SS.FEATURES }] } };
  const [answer] = session.decode(
    session.askGlobal(ETHTOOL_MSG.STRSET_GET, strset, wanted),
    ETHTOOL_REPLY.STRSET_GET,
    strset,
  );
  const names: string[] = [];
  for (const { index, value } of answer?.stringsets?.stringset?.[0]?.strings?.string ?? []) {
    if (index !== undefined) names[index] = value ?? "";
  }
  return names;
}

function bitsOf(set: Bitset | undefined): ReadonlySet<number> {
  return set === undefined ? new Set() : bitsetMeaning(set, () => undefined).value;
}

interface States {
  readonly changeable: ReadonlySet<number>;
  readonly wanted: ReadonlySet<number>;
  readonly active: ReadonlySet<number>;
  readonly never: ReadonlySet<number>;
}

/** How the features of one device are written: lines of text, or members of a JSON object. */
interface Sink {
  begin(device: string): void;
  feature(name: string, indented: boolean, bit: number, states: States): void;
  /** A group of several, by whether one of them is on. */
  group(name: string, active: boolean): void;
  end(): void;
}

function isFixed(bit: number, states: States): boolean {
  return !states.changeable.has(bit) || states.never.has(bit);
}

function textSink(session: EthtoolSession): Sink {
  return {
    begin: (device) => session.print(`${session.wildcard ? "\n" : ""}Features for ${device}:\n`),
    feature(name, indented, bit, states) {
      const active = states.active.has(bit);
      const wanted = states.wanted.has(bit);
      const note = isFixed(bit, states)
        ? " [fixed]"
        : wanted === active
          ? ""
          : ` [requested ${wanted ? "on" : "off"}]`;
      session.print(`${indented ? "\t" : ""}${name}: ${active ? "on" : "off"}${note}\n`);
    },
    group: (name, active) => session.print(`${name}: ${active ? "on" : "off"}\n`),
    end: () => {},
  };
}

function jsonSink(json: JsonWriter): Sink {
  const member = (name: string, value: boolean | null): void => {
    json.name(name);
    json.value(value);
  };
  const object = (name: string, active: boolean, fixed: boolean | null, requested: boolean | null): void => {
    json.name(name);
    json.beginObject();
    member("active", active);
    member("fixed", fixed);
    member("requested", requested);
    json.endObject();
  };
  return {
    begin(device) {
      json.beginObject();
      json.name("ifname");
      json.value(device);
    },
    feature: (name, _indented, bit, states) =>
      object(name, states.active.has(bit), isFixed(bit, states), states.wanted.has(bit)),
    group: (name, active) => object(name, active, null, null),
    end: () => json.endObject(),
  };
}

function showDevice(names: readonly string[], states: States, sink: Sink): void {
  const grouped = new Set<number>();
  for (const { long, kernel } of GROUPS) {
    const members = names.flatMap((name, bit) => (kernel.test(name) ? [bit] : []));
    for (const bit of members) grouped.add(bit);
    const [only] = members;
    if (only === undefined) continue;
    if (members.length === 1) {
      sink.feature(long, false, only, states);
      continue;
    }
    sink.group(
      long,
      members.some((bit) => states.active.has(bit)),
    );
    for (const bit of members) sink.feature(names[bit] ?? "", true, bit, states);
  }
  names.forEach((name, bit) => {
    if (name !== "" && !grouped.has(bit)) sink.feature(name, false, bit, states);
  });
}

/** ethtool -k */
export function showFeatures(session: EthtoolSession): number {
  session.noMoreArguments();
  const header = { flags: ETHTOOL_FLAG.COMPACT_BITSETS };
  const answers = session.ask(ETHTOOL_MSG.FEATURES_GET, features, { header });
  const json = session.json ? new JsonWriter((text) => session.print(text), true) : undefined;
  json?.beginArray();
  const sink = json ? jsonSink(json) : textSink(session);
  const records = session.decode(answers, ETHTOOL_REPLY.FEATURES_GET, features);
  const names = records.length > 0 ? featureNames(session) : [];
  for (const record of records) {
    const states: States = {
      changeable: bitsOf(record.hw),
      wanted: bitsOf(record.wanted),
      active: bitsOf(record.active),
      never: bitsOf(record.nochange),
    };
    sink.begin(record.header?.devName ?? session.device);
    showDevice(names, states, sink);
    sink.end();
  }
  if (json) {
    json.endArray();
    session.print("\n");
  }
  return answers.errno === 0 ? 0 : 1;
}

interface WantedBit {
  readonly name: string;
  readonly value?: true;
}

/** The bits that the arguments name, each once. Ends the program if one is not followed by on or off. */
function wantedBits(session: EthtoolSession, names: readonly string[]): WantedBit[] {
  const bits: WantedBit[] = [];
  const add = (name: string, on: boolean): void => {
    if (!bits.some((bit) => bit.name === name)) bits.push(on ? { name, value: true } : { name });
  };
  for (let at = 0; at < session.args.length; at += 2) {
    const name = session.args[at] ?? "";
    const flag = session.args[at + 1];
    if (flag !== "on" && flag !== "off") {
      // the real program has no name for the parameter at this point, and says so
      wrongParameter(
        session,
        `flag '${flag ?? "(null)"}' for parameter '(null)' is not followed by 'on' or 'off'`,
      );
    }
    const group = GROUPS.find(({ short, long }) => name === short || name === long);
    if (!group) add(name, flag === "on");
    else for (const member of names) if (group.kernel.test(member)) add(member, flag === "on");
  }
  return bits;
}

/** ethtool -K */
export function setFeatures(session: EthtoolSession): number {
  const names = featureNames(session);
  const bits = wantedBits(session, names);
  const answers = session.ask(ETHTOOL_MSG.FEATURES_SET, features, {
    header: { flags: ETHTOOL_FLAG.COMPACT_BITSETS },
    wanted: { bits: { bit: bits } },
  });
  if (answers.errno !== 0) return SET_FAILED;
  const requested = new Set(bits.map((bit) => names.indexOf(bit.name)));
  const [answer] = session.decode(answers, ETHTOOL_REPLY.FEATURES_SET, features);
  const nothing = new Set<number>();
  const notDone = answer?.wanted
    ? bitsetMeaning(answer.wanted, () => undefined)
    : { value: nothing, mask: nothing };
  const changed = answer?.active
    ? bitsetMeaning(answer.active, () => undefined)
    : { value: nothing, mask: nothing };
  const refused = notDone.mask ?? nothing;
  const done = changed.mask ?? nothing;
  if (refused.size > 0 || [...done].some((bit) => !requested.has(bit))) {
    session.print("Actual changes:\n");
    names.forEach((name, bit) => {
      if (!refused.has(bit) && !done.has(bit)) return;
      session.print(`${name}: ${change(bit)}\n`);
    });
  }
  const nothingChanged = refused.size === requested.size && [...requested].every((bit) => refused.has(bit));
  if (!nothingChanged) return 0;
  session.warn("Could not change any device features\n");
  return 1;

  function change(bit: number): string {
    const onOff = (on: boolean): string => (on ? "on" : "off");
    if (refused.has(bit)) {
      const wanted = notDone.value.has(bit);
      return `${onOff(!wanted)} [requested ${onOff(wanted)}]`;
    }
    const now = onOff(changed.value.has(bit));
    return requested.has(bit) ? now : `${now} [not requested]`;
  }
}
