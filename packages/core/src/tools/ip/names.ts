// Names for numbers of the routing world: tables, protocols, scopes, realms, DS field values, device groups. The lists
// are files under /etc/iproute2; without a file there are a few built-in names. -N prints numbers only.

import { Refusal } from "../../netlink/refusal.ts";
import type { FileSystem } from "../../system/files.ts";
import { leadingNumber } from "./numbers.ts";

type Names = ReadonlyMap<number, string>;

const DIRECTORY = "/etc/iproute2";

const PROTOCOLS: Names = new Map([
  [0, "unspec"],
  [1, "redirect"],
  [2, "kernel"],
  [3, "boot"],
  [4, "static"],
  [8, "gated"],
  [9, "ra"],
  [10, "mrt"],
  [11, "zebra"],
  [12, "bird"],
  [13, "dnrouted"],
  [14, "xorp"],
  [15, "ntk"],
  [16, "dhcp"],
  [18, "keepalived"],
  [42, "babel"],
  [99, "openr"],
  [186, "bgp"],
  [187, "isis"],
  [188, "ospf"],
  [189, "rip"],
  [192, "eigrp"],
]);

const SCOPES: Names = new Map([
  [0, "global"],
  [200, "site"],
  [253, "link"],
  [254, "host"],
  [255, "nowhere"],
]);

const TABLES: Names = new Map([
  [253, "default"],
  [254, "main"],
  [255, "local"],
]);

/** What a list is: its file, its built-in names, its largest number, and the base of numbers typed instead of names. */
interface Kind {
  readonly file: string;
  /** A directory beside the file whose *.conf files are read too. */
  readonly directory?: string;
  readonly builtIn: Names;
  readonly max: number;
  readonly base: number;
  /** Numbers without a name are printed in hexadecimal with two digits. */
  readonly hexadecimal?: boolean;
}

const KINDS = {
  table: { file: "rt_tables", directory: "rt_tables.d", builtIn: TABLES, max: 0xffff_ffff, base: 0 },
  protocol: { file: "rt_protos", directory: "rt_protos.d", builtIn: PROTOCOLS, max: 255, base: 0 },
  scope: { file: "rt_scopes", builtIn: SCOPES, max: 255, base: 0 },
  realm: { file: "rt_realms", builtIn: new Map([[0, "unknown"]]), max: 255, base: 0 },
  dsfield: { file: "rt_dsfield", builtIn: new Map([[0, "0"]]), max: 255, base: 16, hexadecimal: true },
  group: { file: "group", builtIn: new Map([[0, "default"]]), max: 0x7fff_ffff, base: 0 },
} satisfies Readonly<Record<string, Kind>>;

export type NameKind = keyof typeof KINDS;

/** Lines "NUMBER NAME" with comments; numbers decimal or with 0x. A line that is neither ends the file. */
function parseNames(text: string, names: Map<number, string>, max: number): void {
  for (const line of text.split("\n")) {
    const trimmed = line.trimStart();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const found = /^(0x[0-9a-fA-F]+|[0-9]+)\s+([^\s#]+)\s*(#.*)?$/.exec(trimmed);
    if (found === null) return;
    const [, number, name] = found;
    const id = Number(number);
    if (name !== undefined && id <= max) names.set(id, name);
  }
}

/** The name lists as this process sees them. Each is read when it is first needed. */
export class NameTables {
  readonly #files: FileSystem;
  readonly #numeric: boolean;
  readonly #read = new Map<NameKind, Names>();

  constructor(files: FileSystem, numeric: boolean) {
    this.#files = files;
    this.#numeric = numeric;
  }

  #text(path: string): string {
    try {
      return new TextDecoder().decode(this.#files.readFile(path));
    } catch (refusal) {
      if (refusal instanceof Refusal) return "";
      throw refusal;
    }
  }

  #confFiles(directory: string): string[] {
    try {
      return this.#files
        .readDirectory(directory)
        .filter((name) => !name.startsWith(".") && name.endsWith(".conf"));
    } catch (refusal) {
      if (refusal instanceof Refusal) return [];
      throw refusal;
    }
  }

  #names(of: NameKind): Names {
    const known = this.#read.get(of);
    if (known !== undefined) return known;
    const kind: Kind = KINDS[of];
    const names = new Map(kind.builtIn);
    parseNames(this.#text(`${DIRECTORY}/${kind.file}`), names, kind.max);
    if (kind.directory !== undefined) {
      const directory = `${DIRECTORY}/${kind.directory}`;
      for (const file of this.#confFiles(directory))
        parseNames(this.#text(`${directory}/${file}`), names, kind.max);
    }
    this.#read.set(of, names);
    return names;
  }

  /** Name of a number, or the number as text. */
  name(of: NameKind, id: number): string {
    const kind: Kind = KINDS[of];
    const name = this.#numeric ? undefined : this.#names(of).get(id);
    if (name !== undefined) return name;
    return kind.hexadecimal ? `0x${id.toString(16).padStart(2, "0")}` : String(id);
  }

  /** Number of a name or of digits; undefined if it is neither. */
  id(of: NameKind, text: string): number | undefined {
    for (const [id, name] of this.#names(of)) if (name === text) return id;
    const { base, max }: Kind = KINDS[of];
    const number = leadingNumber(text, base);
    if (number === undefined || number.rest !== "" || number.value < 0n || number.value > BigInt(max))
      return undefined;
    return Number(number.value);
  }
}
