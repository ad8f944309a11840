// Random lines of ovs-ofctl's commands that read and print without a switch: flows, actions from their bytes, lists of fields,
// groups, frames, messages; and of those that read their arguments before they look for the switch, which is not there.

import { readFileSync } from "node:fs";
import { parseFlow } from "@patchcord/core/ovsproto/openflow/flow-parse.ts";
import { fields } from "@patchcord/core/ovsproto/openflow/fields.ts";
import type { OpenFlowVersion } from "@patchcord/core/ovsproto/openflow/fields.ts";
import { errorName, Vendor } from "@patchcord/core/ovsproto/openflow/errors.ts";
import { writeActions, writeInstructions } from "@patchcord/core/ovsproto/openflow/action-encode.ts";
import { writeMatch, writeMatch10 } from "@patchcord/core/ovsproto/openflow/fixed-match.ts";
import { MessageWriter } from "@patchcord/core/ovsproto/openflow/message-bytes.ts";
import { flow, group, packet } from "../ovs/flow-words.ts";
import { frame } from "../ovs/frames.ts";
import { Grammar } from "../ovs/grammar.ts";
import { flowTerminals } from "../ovs/grammar-terminals.ts";
import { mutated } from "../ovs/mutate.ts";
import type { Words } from "../ovs/words.ts";
import { damaged, generator, messageOf, readTemplates } from "./message-templates.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

// `{class=` of TLV maps is no name of a rule: braces of theirs stand for themselves.
const grammar = new Grammar(
  read("../ovs/grammars/actions.txt") + read("../ovs/grammars/flows.txt"),
  flowTerminals,
);
const templates = readTemplates(read("fixtures/messages.txt"));

const VERSIONS = ["OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14", "OpenFlow15"];
const FORMATS = [
  "OpenFlow10", "OpenFlow10-table_id", "NXM", "NXM-table_id", "OpenFlow11", "OXM", "OXM-OpenFlow12", "OXM-OpenFlow13",
  "OXM-OpenFlow15", "any", "OpenFlow10+table_id", "NXM,OpenFlow10", "nonsense",
]; // prettier-ignore

const ERROR_NAMES: readonly string[] = [
  ...new Set(
    [Vendor.STANDARD, Vendor.NICIRA, Vendor.ONF].flatMap((vendor) =>
      Array.from({ length: 20 * 20 }, (_, at) =>
        errorName(4, { vendor, type: Math.floor(at / 20), code: at % 20 }),
      ).filter((name) => name !== undefined),
    ),
  ),
];

const quoted = (text: string): string => `'${text.replace(/'/g, "").replace(/\n/g, " ")}'`;
const perhaps = (text: string, percent: number, words: Words): string =>
  words.chance(percent) ? mutated(text, words) : text;
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const flowText = (words: Words): string =>
  perhaps(words.chance(20) ? flow(words) : grammar.make("flow", words), 25, words);

function options(words: Words): string {
  const out: string[] = [];
  if (words.chance(25)) out.push(`-F ${words.pick(FORMATS)}`);
  if (words.chance(25)) out.push(`-O ${words.pick(VERSIONS)}`);
  if (words.chance(10))
    out.push(words.pick(["-m", "--strict", "--no-names", "--names", "--read-only", "-m -m"]));
  return out.map((each) => ` ${each}`).join("");
}

const list = (lines: readonly string[]): string => `printf '%s\\n' ${lines.map(quoted).join(" ")}`;

/** A few bytes put in, left out or changed. */
function damagedBytes(bytes: Uint8Array, words: Words): Uint8Array {
  const out = [...bytes];
  for (let count = 1 + words.below(2); count > 0; count--) {
    const at = words.below(out.length + 1);
    switch (words.below(4)) {
      case 0:
        out.splice(at, 1 + words.below(8));
        break;
      case 1:
        out.splice(
          at,
          0,
          ...Array.from({ length: 1 << words.below(4) }, () => words.pick([0, 0, words.below(256)])),
        );
        break;
      default:
        if (at < out.length)
          out[at] = words.pick([0, 255, 1, 8, words.below(256), (out[at] ?? 0) ^ (1 << words.below(8))]);
    }
  }
  return Uint8Array.from(out);
}

/** What `write` makes of a flow that can be read; other ones are made until one is. */
function bytesOf(
  words: Words,
  write: (out: MessageWriter, flow: ReturnType<typeof parseFlow>["flow"]) => void,
): Uint8Array {
  for (let tries = 0; tries < 20; tries++) {
    try {
      const out = new MessageWriter();
      write(out, parseFlow(grammar.make("flow", words), "add", {}).flow);
      return out.bytes();
    } catch {
      // Most are refused, which is others' concern.
    }
  }
  return new Uint8Array(8);
}

function bytesLine(words: Words, write: Parameters<typeof bytesOf>[1], damage = 50): string {
  const bytes = bytesOf(words, write);
  const hex = hexOf(words.chance(damage) ? damagedBytes(bytes, words) : bytes);
  return words.chance(20) ? hex.replace(/(.{8})/g, "$1 ") : hex;
}

function actionBytes(words: Words): string {
  const name = words.pick(VERSIONS);
  const version = (VERSIONS.indexOf(name) + 1) as OpenFlowVersion;
  const instructions = version > 1 && words.chance(40);
  const lines = Array.from({ length: 1 + words.below(3) }, () => {
    const table = instructions && words.chance(30) ? `${words.below(4)},` : "";
    return (
      table +
      bytesLine(words, (out, { actions }) =>
        (instructions ? writeInstructions : writeActions)(out, actions, version),
      )
    );
  });
  return `${list(lines)} | ovs-ofctl parse-${instructions ? "instructions" : "actions"} ${name}`;
}

const CODES = fields.flatMap((field) => field.codes.map((code) => ({ field, code })));

function oxmEntry(words: Words): string {
  const { field, code } = words.pick(CODES);
  const bytes = field.tunMetadata === undefined ? field.bytes : words.pick([1, 4, 8]);
  const full = words.chance(60);
  const value = full
    ? words.hex(2 * bytes)
    : words
        .pick(["0", "1", "0800", "06", "86dd", "3a", "11", "1003"])
        .padStart(2 * bytes, "0")
        .slice(-2 * bytes);
  const mask = words.chance(field.maskable ? 30 : 4)
    ? `/${words.pick([words.hex(2 * bytes), "f".repeat(2 * bytes), "0".repeat(2 * bytes)])}`
    : "";
  if (code.oxmClass === 0xffff || words.chance(90))
    return `${code.name}${mask === "" ? "" : "_W"}(${value}${mask})`;
  const header =
    ((code.oxmClass << 16) | (code.number << 9) | (mask === "" ? bytes : 0x100 | (2 * bytes))) >>> 0;
  return `${header.toString(16).padStart(8, "0")}(${value}${mask})`;
}

const ORDERED = [
  "NXM_OF_ETH_TYPE(0800), NXM_OF_IP_PROTO(06)", "NXM_OF_ETH_TYPE(86dd), NXM_OF_IP_PROTO(3a), NXM_NX_ICMPV6_TYPE(87)",
  "NXM_OF_ETH_TYPE(0806)", "OXM_OF_ETH_TYPE(8847)", "NXM_OF_ETH_TYPE(86dd)", "OXM_OF_ETH_TYPE(0800), OXM_OF_IP_PROTO(11)",
  "OXM_OF_PACKET_TYPE(0001894f)", "NXM_OF_ETH_TYPE(894f)", "OXM_OF_VLAN_VID(1005)", "NXM_NX_CT_STATE_W(00000020/00000020), NXM_OF_ETH_TYPE(0800)",
]; // prettier-ignore

function oxmLine(words: Words): string {
  const lines = Array.from({ length: 1 + words.below(3) }, () => {
    const entries = [
      ...(words.chance(60) ? [words.pick(ORDERED)] : []),
      ...Array.from({ length: words.below(4) }, () => oxmEntry(words)),
      ...(words.chance(5) ? [`NXM_NX_COOKIE(${words.hex(16)})`] : []),
    ];
    return perhaps(entries.length === 0 ? "<any>" : entries.join(words.pick([", ", ","])), 12, words);
  });
  const more = words.chance(20) ? " -m" : words.chance(20) ? " --strict" : "";
  const command = words.pick(["parse-nxm", "parse-nx-match", `parse-oxm ${words.pick(VERSIONS)}`]);
  return `${list(lines)} | ovs-ofctl${more} ${command}`;
}

function fixedMatch(words: Words): string {
  const version = words.pick([1, 2] as const);
  const line = bytesLine(
    words,
    (out, { match }) => (version === 1 ? writeMatch10(out, match) : writeMatch(out, match, 2)),
    0,
  );
  const digits = [...line.replace(/ /g, "")];
  for (let count = words.below(4); count > 0; count--) digits[words.below(digits.length)] = words.hex(1);
  return `${list([digits.join("")])} | ovs-ofctl parse-ofp1${version - 1}-match`;
}

function composed(words: Words): string {
  const text = perhaps(
    words.chance(50) ? packet(words).replace(/^in_port=p1/, "in_port=1") : grammar.make("match", words),
    10,
    words,
  );
  const payload = words.chance(40)
    ? ` ${quoted(words.pick(["", "00", "68656c6c6f", words.hex(40), "1", "xy"]))}`
    : "";
  if (words.chance(20))
    return `ovs-ofctl --pcap compose-packet ${quoted(text)}${payload} >c.pcap && ovs-ofctl parse-pcap c.pcap`;
  return `ovs-ofctl${words.pick(["", "", " --bad-csum", " -m"])} compose-packet ${quoted(text)}${payload}`;
}

function message(words: Words): string {
  const random = generator(words.below(0x7fff_ffff));
  const bytes = messageOf(words.pick(templates), random);
  const text = hexOf(words.chance(50) ? bytes : damaged(bytes, random));
  return `ovs-ofctl ofp-print ${quoted(perhaps(text, 5, words))}${words.pick(["", "", " 0", " 1", " 3", " x"])}`;
}

function errorLine(words: Words): string {
  const name = perhaps(words.pick(ERROR_NAMES), 5, words);
  if (words.chance(40)) return `ovs-ofctl print-error ${quoted(name)}`;
  const random = generator(words.below(0x7fff_ffff));
  const request = words.chance(40)
    ? `0${words.below(8)}000008${words.hex(8)}`
    : hexOf(messageOf(words.pick(templates), random));
  return `ovs-ofctl encode-error-reply ${quoted(name)} ${quoted(perhaps(request, 10, words))}`;
}

/** Commands that read their arguments before they look for the switch. */
function withoutSwitch(words: Words): string {
  const text = (name: string): string => quoted(perhaps(grammar.make(name, words), 20, words));
  const command = words.pick<() => string>([
    () => `add-flow nix ${quoted(flowText(words))}`, () => `mod-flows nix ${quoted(flowText(words))}`,
    () => `del-flows nix ${quoted(perhaps(`${grammar.make("heads", words)}${grammar.make("match", words)}`, 10, words))}`,
    () => `dump-flows nix ${quoted(perhaps(`${grammar.make("heads", words)}${grammar.make("match", words)}`, 10, words))}`,
    () => `${words.pick(["add-meter", "mod-meter", "del-meter", "dump-meter"])} nix ${text("meter")}`,
    () => `${words.pick(["add-meter", "mod-meter"])} nix ${text("meter")}`,
    () => `packet-out nix ${text("packetout")}`,
    () => `${words.pick(["add-tlv-map", "del-tlv-map"])} nix ${text("tlvmap")}`,
    () => `mod-table nix ${grammar.make("modtable", words)}`, () => `mod-port nix ${grammar.make("modport", words)}`,
    () => `ct-flush nix ${words.pick(["", "zone=5 ", "zone=x "])}${text("tuple")}`,
    () => `${words.pick(["add-group", "mod-group", "insert-buckets", "remove-buckets", "del-groups"])} nix ${text("group")}`,
    () => `dump-aggregate nix ${text("match")}`,
  ])(); // prettier-ignore
  return `ovs-ofctl${options(words)} ${command}`;
}

/** One line for bash. */
export function parserLine(words: Words): string {
  const flows = (most: number): string[] =>
    Array.from({ length: words.below(most + 1) }, () => flowText(words));
  return words.pick<() => string>([
    () => `ovs-ofctl${options(words)} parse-flow ${quoted(flowText(words))}`,
    () => `ovs-ofctl${options(words)} parse-flow ${quoted(flowText(words))}`,
    () => `ovs-ofctl${options(words)} parse-flow ${quoted(flowText(words))}`,
    () => `ovs-ofctl parse-flow ${quoted(flowText(words))}`,
    () => `${list(flows(4))} | ovs-ofctl${options(words)} parse-flows -`,
    () => actionBytes(words), () => actionBytes(words),
    () => oxmLine(words), () => fixedMatch(words), () => composed(words), () => composed(words),
    () => `printf ${frame(words)} | xxd -r -p | ovs-ofctl parse-packet`,
    () => `printf ${frame(words)} | xxd -r -p | ovs-ofctl parse-packet`,
    () => message(words), () => errorLine(words),
    () => `ovs-ofctl check-vlan ${words.hex(4)} ${words.pick([words.hex(4), "ffff", "1fff", "0fff", "f000", "0000", "1000"])}`,
    () => `ovs-ofctl parse-key-value ${quoted(perhaps(grammar.make("keyvalue", words), 40, words))}`,
    () => `ovs-ofctl${words.chance(70) ? " -O OpenFlow15" : options(words)} parse-group ${quoted(perhaps(words.chance(30) ? group(words, 1) : grammar.make("group", words), 15, words))}`,
    () => `ovs-ofctl${words.chance(70) ? " -O OpenFlow15" : options(words)} parse-group ${quoted(perhaps(grammar.make("group", words), 15, words))}`,
    () => withoutSwitch(words), () => withoutSwitch(words),
    () => `${list(flows(3))} >a.txt; ${list(flows(3))} >b.txt; ovs-ofctl${options(words)} diff-flows a.txt b.txt`,
    () => `ovs-ofctl encode-hello ${words.pick(["0x3e", "0x7e", "0", "2", "0x80", words.hex(4)])}`,
  ])(); // prettier-ignore
}
