import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { listBpf } from "../wire/bpf/listing.ts";
import { runBpf } from "../wire/bpf/machine.ts";
import { isValidBpf } from "../wire/bpf/validate.ts";
import { DLT, dltNamed } from "../wire/link-types.ts";
import { capturedFrame } from "../wire/testing/captured.ts";
import { compileFilter, type FilterTarget } from "./compile.ts";
import { FilterError } from "./filter-error.ts";
import { NO_NAMES } from "./filter-names.ts";

/** Recorded from tcpdump 4.99.3 with libpcap 1.10.3: `tcpdump -y LINKTYPE -d FILTER`, with -O where it is not optimised. */
interface Recorded {
  readonly linkType: string;
  readonly filter: string;
  readonly optimised: boolean;
  readonly stdout: string;
  readonly stderr: string;
}
const recorded = readFileSync(new URL("fixtures/recorded.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

const target: FilterTarget = { linkType: DLT.EN10MB, snapLength: 262_144, netmask: 0, names: NO_NAMES };

/** ARP request from 10.0.0.1 for 10.0.0.2. */
const ARP = capturedFrame("arpRequest");

function verdict(filter: string, packet: Uint8Array, beside = {}, over: Partial<FilterTarget> = {}): boolean {
  const program = compileFilter(filter, { ...target, ...over });
  if (program instanceof FilterError) throw new Error(program.text);
  return runBpf(program, packet, 0, packet.length, packet.length, beside) > 0;
}

describe("the real tcpdump's -d", () => {
  test.each(recorded)("$linkType: $filter", ({ linkType, filter, optimised, stdout, stderr }) => {
    const program = compileFilter(filter, { ...target, linkType: dltNamed(linkType) ?? 0 }, optimised);
    const ours =
      program instanceof FilterError ? ["", `tcpdump: ${program.text}\n`] : [listBpf(program, "text"), ""];
    expect(ours).toEqual([stdout, stderr]);
  });
});

describe("verdicts", () => {
  test("an empty filter takes everything", () => {
    expect(verdict("", ARP)).toBe(true);
  });

  test("qualifiers are inherited by what follows and and or", () => {
    expect(verdict("host 10.9.9.9 or 10.0.0.2", ARP)).toBe(true);
    expect(verdict("host 10.0.0.1 and 10.0.0.2", ARP)).toBe(true);
    expect(verdict("src host 10.0.0.2 or 10.9.9.9", ARP)).toBe(false);
  });

  test("a tag beside the frame counts as one in it, and moves nothing", () => {
    const live = { vlanBesideFrame: true };
    const program = compileFilter("vlan 7 and arp", { ...target, ...live });
    expect(isValidBpf(program instanceof FilterError ? [] : program)).toBe(true);
    expect(verdict("vlan 7 and arp", ARP, { vlanTci: 7, vlanTpid: 0x8100 }, live)).toBe(true);
    expect(verdict("vlan 7 and arp", ARP, { vlanTci: 8, vlanTpid: 0x8100 }, live)).toBe(false);
    expect(verdict("vlan 7 and arp", ARP, {}, live)).toBe(false);
    const tagged = Uint8Array.from([...ARP.slice(0, 12), 0x81, 0, 0, 7, ...ARP.slice(12)]);
    expect(verdict("vlan 7 and arp", tagged, {}, live)).toBe(true);
  });

  test("an address family's number in loopback headers is in the byte order of who captured", () => {
    const little = Uint8Array.from([2, 0, 0, 0, 0x45]);
    const big = Uint8Array.from([0, 0, 0, 2, 0x45]);
    const loopback = { linkType: DLT.NULL };
    expect(verdict("ip", little, {}, loopback)).toBe(true);
    expect(verdict("ip", big, {}, loopback)).toBe(false);
    expect(verdict("ip", big, {}, { ...loopback, savefile: { swapped: true } })).toBe(true);
  });

  test("headers in a circle end", () => {
    const circle = new Uint8Array(200);
    circle.set([0x86, 0xdd, 0x60], 12);
    circle[20] = 51;
    circle[54] = 51;
    circle[55] = 0xfe;
    expect(verdict("ip6 protochain 6", circle)).toBe(false);
  });
});

describe("hostile expressions", () => {
  test("nesting is bounded, length is not", () => {
    expect(compileFilter(`${"(".repeat(5000)}tcp${")".repeat(5000)}`, target)).toBeInstanceOf(FilterError);
    const long = Array.from({ length: 3000 }, (_, index) => `len = ${index}`).join(" or ");
    expect(compileFilter(long, target, false)).not.toBeInstanceOf(FilterError);
  });

  test("any text is a program that is valid, or an error", () => {
    const words = [
      "tcp",
      "(",
      ")",
      "and",
      "or",
      "!",
      "host",
      "10.0.0.1",
      "[",
      "]",
      "1",
      ":",
      "vlan",
      "=",
      "$",
      "\\",
      "-",
      "len",
    ];
    let state = 1;
    const next = (below: number): number => (state = (state * 48271) % 2147483647) % below;
    const invalid: string[] = [];
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: 1 + next(9) }, () => words[next(words.length)]).join(" ");
      const program = compileFilter(text, target, round % 2 === 0);
      if (!(program instanceof FilterError) && !isValidBpf(program, "libpcap")) invalid.push(text);
    }
    expect(invalid).toEqual([]);
  });
});
