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
  mayBeSame(theirs: string, ours: string): boolean {
    const known = this.#ours.get(theirs);
    return known === undefined ? !this.#theirs.has(ours) : known === ours;
  }

  /** The same, and from now on they are. */
  same(theirs: string, ours: string): boolean {
    const known = this.#ours.get(theirs);
    if (known !== undefined) return known === ours;
    if (this.#theirs.has(ours)) return false;
    this.#ours.set(theirs, ours);
    this.#theirs.set(ours, theirs);
    return true;
  }

  /** What `compare` says; what it took for the same is forgotten if that is no. */
  attempt(compare: () => boolean): boolean {
    const before = [...this.#ours];
    if (compare()) return true;
    this.#ours.clear();
    this.#theirs.clear();
    for (const [theirs, ours] of before) this.same(theirs, ours);
    return false;
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

const RANDOM_ADDRESSES: ReadonlySet<TokenClass> = new Set(["mac", "link-local", "bridge-id", "datapath-id"]);

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
      // traceroute has up to three in a line.
      .replace(/(?<= {2})\d+\.\d{3} ms(?= {2}| !|$)/gm, "0.1 ms")
      // tracepath aligns it to the right.
      .replace(/ {2,}\d+\.\d{3}ms(?= )/g, " 0.1ms")
      .replace(/\bident=\d+/g, "ident=1")
      // When a program of Open vSwitch logged something.
      .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=\|\d{5}\|)/gm, "2022-12-24T00:00:00Z")
      // ping's identifier is its process id.
      .replace(/(ICMP6?,? echo (?:request|reply), id )\d+/g, (_, words: string) => `${words}1`)
      .replace(TIME_STAMPS, (stamps) => stamps.replace(/^\t-?\d+$/gm, "\t0"))
      .replace(/^(rtt min\/avg\/max\/mdev = )[\d./]+ ms/gm, "$10.1/0.1/0.1/0.1 ms")
      .replace(/(?<=, ipg\/ewma )[\d./]+(?= ms$)/gm, "0.1/0.1")
  );
}

/** How long flows of Open vSwitch exist and are unused, and when an address was learned, in seconds. */
const SWITCH_AGES =
  /(?<=\bduration=|\b(?:idle|hard)_age=|\bused:|^ +\S+ +\d+ {2}(?:[0-9a-f]{2}:){5}[0-9a-f]{2} +)\d+(?:\.\d+)?(?=s|,|$)/gm;

/** Ages depend on the pace of the commands: the guest took 0.15 to 0.35 s a line. An age that is far off is wrong. */
function agesFit(theirs: number, ours: number): boolean {
  return Math.abs(theirs - ours) <= 3 + theirs / 2;
}

/** `ours` without ages if each of them is near to one that was recorded; lines can be in the order of their ages. */
function withoutAges(recorded: readonly string[], ours: string): string {
  const ages = recorded.flatMap((text) => [...text.matchAll(SWITCH_AGES)].map(([age]) => Number(age)));
  return ours.replace(SWITCH_AGES, (own) =>
    ages.some((theirs) => agesFit(theirs, Number(own))) ? "1" : own,
  );
}

type Texts = [string, string, string];

/** Where the recordings differ: ages of forwarding entries and what is left of bridge timers. */
function maskTimers(text: string): string {
  return text.replace(/\bused \d+\/\d+/g, "used 0/0").replace(/(timer\t+) *\d+\.\d\d/g, "$1   0.00");
}

function sameText(
  first: string,
  second: string,
  ours: string,
  mayVary: boolean,
  addresses: AddressMap,
): boolean {
  if (mayVary && first === second && ours !== first) {
    const [a, c] = [first, ours].map((text) => maskTimers(maskElapsed(withoutAges([first], text)))) as [
      string,
      string,
    ];
    return addresses.attempt(() => fits(a, "", c, addresses)) || fitsAnyOrder(a, c, addresses);
  }
  if (ours === first || ours === second) return true;
  const recorded = [first, second];
  const [a, b, c] = [first, second, ours].map((text) => maskElapsed(withoutAges(recorded, text))) as Texts;
  if (first === second) return a === c;
  return sameVarying(...([a, b, c].map(maskTimers) as Texts), addresses);
}

function sameVarying(a: string, b: string, c: string, addresses: AddressMap): boolean {
  return (
    addresses.attempt(() => fits(a, b, c, addresses)) ||
    addresses.attempt(() => fits(b, a, c, addresses)) ||
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

/** Of a line that is found again elsewhere, only random addresses can be others. */
function sameButAddresses(theirs: string, ours: string, addresses: AddressMap): boolean {
  const own = tokenize(ours);
  const tokens = tokenize(theirs);
  return (
    tokens.length === own.length &&
    tokens.every((token, index) => {
      const mine = own[index] as Token;
      if (token.text === mine.text) return true;
      return RANDOM_ADDRESSES.has(token.class) && tokensFit(token, mine, addresses);
    })
  );
}

function fitsAnyOrder(first: string, ours: string, addresses: AddressMap): boolean {
  const rest = ours.split("\n");
  return (
    first.split("\n").every((line) => {
      const at = rest.findIndex((candidate) =>
        addresses.attempt(() => sameButAddresses(line, candidate, addresses)),
      );
      if (at < 0) return false;
      rest.splice(at, 1);
      return true;
    }) && rest.length === 0
  );
}

/** How a list may differ that the kernel keeps in a hash with a secret. */
export interface ListRule {
  /** Whether a neighbour that answered is REACHABLE, STALE, DELAY or PROBE goes by the time, and so does since when a bridge knows one. */
  readonly ages: boolean;
}

/** True if `ours` has the lines of `theirs` in some order, with random addresses that fit what was seen before. */
export function equalLists(theirs: Result, ours: Result, { ages }: ListRule, addresses: AddressMap): boolean {
  const aged = (text: string): string =>
    text
      .replace(/\b(?:REACHABLE|STALE|DELAY|PROBE) *$/gm, "REACHABLE")
      .replace(/(\tno\t+) *\d+\.\d\d$/gm, "$1AGE")
      .replace(/^( +\S+ +\d+ {2}(?:[0-9a-f]{2}:){5}[0-9a-f]{2} +)\d+$/gm, "$1AGE");
  const lines = ({ stdout }: Result): string[] => (ages ? aged(stdout) : stdout).split("\n");
  const rest = lines(ours);
  const found = addresses.attempt(() =>
    lines(theirs).every((line) => {
      const wanted = tokenize(line);
      const at = rest.findIndex((candidate) => isSameLine(wanted, tokenize(candidate), addresses));
      if (at < 0) return false;
      bind(wanted, tokenize(rest[at] as string), addresses);
      rest.splice(at, 1);
      return true;
    }),
  );
  return found && rest.length === 0 && theirs.rc === ours.rc && theirs.stderr === ours.stderr;
}

const isRandom = (token: Token): boolean => token.class === "mac" || token.class === "link-local";

function isSameLine(wanted: readonly Token[], line: readonly Token[], addresses: AddressMap): boolean {
  return (
    wanted.length === line.length &&
    wanted.every((theirs, index) => {
      const ours = line[index] as Token;
      if (theirs.class !== ours.class) return false;
      return isRandom(theirs)
        ? theirs.text === ours.text || addresses.mayBeSame(lowBits(theirs), lowBits(ours))
        : theirs.text === ours.text;
    })
  );
}

function bind(wanted: readonly Token[], line: readonly Token[], addresses: AddressMap): void {
  for (const [index, theirs] of wanted.entries()) {
    if (isRandom(theirs)) addresses.same(lowBits(theirs), lowBits(line[index] as Token));
  }
}

/** True if `ours` is what the real tools print, as far as the recordings determine it. */
export function equalsRecording(recorded: Recorded, ours: Result, addresses: AddressMap): boolean {
  const { cmd, first, second, mayVary } = recorded;
  const [a, b, c] = [first, second, ours].map(({ stdout }) => inNameOrder(cmd, stdout)) as [
    string,
    string,
    string,
  ];
  return addresses.attempt(
    () =>
      (ours.rc === first.rc || ours.rc === second.rc) &&
      sameText(a, b, c, mayVary, addresses) &&
      sameText(first.stderr, second.stderr, ours.stderr, mayVary, addresses),
  );
}
