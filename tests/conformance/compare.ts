// Holds an output against two recordings of the same command. Where both recordings agree, the output must be equal to
// the letter. Where they differ, only the differing token may differ, and must be of the same class; random MAC addresses and what
// follows from them must be the same one everywhere in a script.

import type { Recorded, Result } from "./golden.ts";
import { inNameOrder } from "./uuid-order.ts";

type TokenClass =
  | "mac"
  | "link-local"
  | "bridge-id"
  | "datapath-id"
  | "uuid"
  | "decimal"
  | "integer"
  | "hex"
  | "space"
  | "word"
  | "other";

interface Token {
  readonly text: string;
  readonly class: TokenClass;
}

const TOKEN_PATTERNS: readonly (readonly [TokenClass, string])[] = [
  ["mac", "(?<=addr:|(?<![0-9a-f:]))(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-f:])"],
  ["link-local", "(?<![0-9a-f:])fe80::[0-9a-f:]+"],
  ["link-local", "(?<![0-9a-f])fe80[0-9a-f]{28}(?![0-9a-f])"],
  ["link-local", "ff02::1:ff[0-9a-f]{2}:[0-9a-f]{1,4}"],
  ["bridge-id", "(?<![0-9a-f])[0-9a-f]{4}\\.[0-9a-f]{12}(?![0-9a-f])"],
  ["bridge-id", "(?<![0-9a-f])[0-9a-f]{4}\\.(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2}"],
  // OpenFlow datapath ids that follow from a MAC address
  ["datapath-id", "(?<![0-9a-f])0000[0-9a-f]{12}(?![0-9a-f])"],
  ["uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"],
  ["decimal", "(?<![\\w.])\\d+\\.\\d+(?![\\w.]\\d)"],
  ["integer", "(?<!\\w)\\d+"],
  ["hex", "(?<!\\w)(?:0x)?[0-9a-f]{4,32}(?!\\w)"],
  ["space", "\\s+"],
  ["word", "[A-Za-z_][\\w-]*"],
  ["other", "."],
];
const TOKENS = new RegExp(
  TOKEN_PATTERNS.map(([, pattern], index) => `(?<c${index}>${pattern})`).join("|"),
  "gs",
);

function tokenize(text: string): Token[] {
  return [...text.matchAll(TOKENS)].map((match) => {
    const index = TOKEN_PATTERNS.findIndex((_, each) => match.groups?.[`c${each}`] !== undefined);
    return { text: match[0], class: TOKEN_PATTERNS[index]?.[0] ?? "other" };
  });
}

/** Which of our random addresses stands for which recorded one. One for a script. */
export class AddressMap {
  readonly #ours = new Map<string, string>();
  readonly #theirs = new Map<string, string>();

  /** True if `theirs` and `ours` can be the same address, given what was seen before. */
  same(theirs: string, ours: string): boolean {
    const known = this.#ours.get(theirs);
    if (known !== undefined) return known === ours;
    if (this.#theirs.has(ours)) return false;
    this.#ours.set(theirs, ours);
    this.#theirs.set(ours, theirs);
    return true;
  }
}

/** The 24 bits that a MAC shares with everything derived from it (EUI-64, solicited-node groups, bridge ids). */
function lowBits(token: Token): string {
  const { text } = token;
  if (token.class === "mac") return text.replaceAll(":", "").slice(6);
  if (token.class === "bridge-id") {
    const address = text.slice(5);
    const digits = address.includes(":")
      ? address
          .split(":")
          .map((byte) => byte.padStart(2, "0"))
          .join("")
      : address;
    return digits.slice(6);
  }
  if (!text.includes(":")) return text.slice(-6);
  const groups = text
    .split(":")
    .slice(-2)
    .map((group) => group.padStart(4, "0"))
    .join("");
  return groups.slice(-6);
}

/** Classes whose values may differ where the two recordings differ, by rule instead of by chance. */
function tokensFit(theirs: Token, ours: Token, addresses: AddressMap): boolean {
  if (theirs.class !== ours.class) return false;
  switch (theirs.class) {
    case "mac":
    case "link-local":
    case "bridge-id":
    case "datapath-id":
      return addresses.same(lowBits(theirs), lowBits(ours));
    case "word":
    case "other":
      return false;
    default:
      return true;
  }
}

/** What `ping -T` prints: the first time stamp, in milliseconds, and how much later each of the others was. */
const TIME_STAMPS = /(?<=^TS: \t\d+ absolute\n)(?:\t-?\d+\n)+/gm;

/** Elapsed times and process ids depend on the machine, even where both recordings show the same number by chance. */
function maskElapsed(text: string): string {
  return (
    text
      .replace(/, time \d+ms$/gm, ", time 0ms")
      .replace(/time[=<]\d+(\.\d+)? ms/g, "time=0.1 ms")
      .replace(/\bident=\d+/g, "ident=1")
      // How long flows of Open vSwitch exist and are unused, and when an address was learned.
      .replace(/\bduration=[\d.]+s/g, "duration=1s")
      .replace(/\b(idle|hard)_age=\d+/g, "$1_age=1")
      .replace(/\bused:\d+\.\d+s/g, "used:1s")
      .replace(/^( +\S+ +\d+ {2}(?:[0-9a-f]{2}:){5}[0-9a-f]{2}) +\d+$/gm, "$1    1")
      // ping's identifier is its process id.
      .replace(/(ICMP6?,? echo (?:request|reply), id )\d+/g, (_, words: string) => `${words}1`)
      .replace(TIME_STAMPS, (stamps) => stamps.replace(/^\t-?\d+$/gm, "\t0"))
      .replace(/^(rtt min\/avg\/max\/mdev = )[\d./]+ ms/gm, "$10.1/0.1/0.1/0.1 ms")
  );
}

/** Where the recordings differ: ages of forwarding entries and what is left of bridge timers. */
function maskAges(text: string): string {
  return maskElapsed(text)
    .replace(/\bused \d+\/\d+/g, "used 0/0")
    .replace(/(timer\t+) *\d+\.\d\d/g, "$1   0.00");
}

function sameText(
  first: string,
  second: string,
  ours: string,
  mayVary: boolean,
  addresses: AddressMap,
): boolean {
  if (mayVary && first === second && ours !== first) {
    const [a, c] = [first, ours].map(maskAges) as [string, string];
    return fits(a, "", c, addresses) || fitsAnyOrder(a, c, addresses);
  }
  if (first === second) return ours === first || maskElapsed(ours) === maskElapsed(first);
  if (ours === first || ours === second) return true;
  const [a, b, c] = [first, second, ours].map(maskAges) as [string, string, string];
  return (
    fits(a, b, c, addresses) ||
    fits(b, a, c, addresses) ||
    (isReordering(a, b) && fitsAnyOrder(a, c, addresses))
  );
}

function fits(first: string, second: string, ours: string, addresses: AddressMap): boolean {
  const a = tokenize(first);
  const b = tokenize(second);
  const c = tokenize(ours);
  if (a.length !== c.length) return false;
  const aligned = a.length === b.length;
  return a.every((theirs, index) => {
    const own = c[index] as Token;
    const other = b[index];
    if (aligned && other?.text === theirs.text) return own.text === theirs.text;
    if (own.text === theirs.text || (aligned && own.text === other?.text)) {
      return theirs.class !== "mac" || tokensFit(theirs, own, addresses);
    }
    return tokensFit(theirs, own, addresses);
  });
}

function sortedLines(text: string): string[] {
  return text.split("\n").sort();
}

/** Two recordings with the same lines in another order, apart from addresses. */
function isReordering(first: string, second: string): boolean {
  const bare = (text: string): string[] =>
    sortedLines(text.replace(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g, "MAC").replace(/fe80::[0-9a-f:]+/g, "LL"));
  return first !== second && bare(first).join("\n") === bare(second).join("\n");
}

function fitsAnyOrder(first: string, ours: string, addresses: AddressMap): boolean {
  const rest = ours.split("\n");
  return (
    first.split("\n").every((line) => {
      const at = rest.findIndex((candidate) => fits(line, `${line} `, candidate, addresses));
      if (at < 0) return false;
      rest.splice(at, 1);
      return true;
    }) && rest.length === 0
  );
}

/** True if `ours` is what the real tools print, as far as the recordings determine it. */
export function equalsRecording(recorded: Recorded, ours: Result, addresses: AddressMap): boolean {
  const { cmd, first, second, mayVary } = recorded;
  const [a, b, c] = [first, second, ours].map(({ stdout }) => inNameOrder(cmd, stdout)) as [
    string,
    string,
    string,
  ];
  return (
    (ours.rc === first.rc || ours.rc === second.rc) &&
    sameText(a, b, c, mayVary, addresses) &&
    sameText(first.stderr, second.stderr, ours.stderr, mayVary, addresses)
  );
}
