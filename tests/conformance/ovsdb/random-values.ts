// Random values for columns: valid ones for the most part, ones at the edge, and ones that are refused.

import type { Json } from "@patchcord/core/ovsproto/json.ts";
import type { Random } from "../ovs-tools/message-templates.ts";

/** Of RFC 7047, 3.2 <base-type>, as far as values depend on it. */
export interface Base {
  readonly type: string;
  readonly enum?: readonly Json[];
  readonly refTable?: string;
}

export interface Type {
  readonly key: Base;
  readonly value?: Base;
  readonly min: number;
  readonly max: number;
}

const INTEGERS: readonly (number | bigint)[] = [
  0,
  1,
  -1,
  2,
  3,
  5,
  7,
  10,
  11,
  42,
  255,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 53 - 1,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const REALS = [0, 1, -1, 0.5, 2.25, 10, 11, 1e10, -1e-5, 1e300, 1 / 3, 123456789.125];
const STRINGS = [
  "",
  "a",
  "ab",
  "abc",
  "abcd",
  "hello world",
  "true",
  'q"uote',
  "back\\slash",
  "é",
  "x=1",
  "new\nline",
  "7",
];
const ODD: readonly Json[] = [
  null,
  true,
  5,
  1.5,
  "text",
  [],
  {},
  ["set", []],
  ["set", 1],
  ["map", []],
  ["set"],
  ["uuid", "x"],
  ["uuid", 1],
  ["named-uuid", "1x"],
  ["named-uuid", 7],
  ["map", [["a"]]],
  ["map", [["a", "b", "c"]]],
  ["set", [1, "a"]],
  [1, 2],
  { a: 1 },
];

export class RandomValues {
  readonly #random: Random;
  /** UUIDs of rows that were inserted once, by table. */
  readonly rows = new Map<string, string[]>();
  /** All that were made up here. */
  readonly uuids = new Set<string>();
  /** Names that inserts of the transaction give. */
  readonly names: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.#random(list.length)] as T;
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.#random(times) === 0;
  }

  count(below: number): number {
    return this.#random(below);
  }

  uuid(): string {
    const hex = (digits: number): string =>
      Array.from({ length: digits }, () => "0123456789abcdef"[this.#random(16)]).join("");
    const uuid = `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
    this.uuids.add(uuid);
    return uuid;
  }

  newRow(table: string): string {
    const uuid = this.uuid();
    const known = this.rows.get(table) ?? [];
    this.rows.set(table, known);
    known.push(uuid);
    return uuid;
  }

  #reference(table: string | undefined): Json {
    const rows = this.rows.get(table ?? "") ?? [];
    if (this.names.length > 0 && this.once(3)) return ["named-uuid", this.pick(this.names)];
    if (rows.length === 0 || this.once(25)) {
      // The server makes one up for it, and where it stands in a set is then a matter of chance.
      return table !== undefined && this.once(3) ? ["named-uuid", "nobody"] : ["uuid", this.uuid()];
    }
    const recent = rows.slice(-6);
    return ["uuid", this.pick(this.once(3) ? rows : recent)];
  }

  atom(base: Base): Json {
    if (base.enum && !this.once(12)) return this.pick(base.enum);
    switch (base.type) {
      case "integer":
        return this.once(6) ? this.pick(INTEGERS) : this.#random(9);
      case "real":
        return this.once(3) ? this.pick(REALS) : this.#random(9);
      case "boolean":
        return this.once(2);
      case "string":
        return this.pick(STRINGS);
      default:
        return this.#reference(base.refTable);
    }
  }

  odd(): Json {
    return this.pick(ODD);
  }

  value(type: Type): Json {
    if (this.once(40)) return this.odd();
    if (!type.value && type.min === 1 && type.max === 1 && !this.once(15)) return this.atom(type.key);
    if (!type.value && this.once(3)) return this.atom(type.key);
    const most = Math.min(type.max, 4) + (this.once(15) ? 1 : 0);
    const size = Math.max(this.once(20) ? 0 : type.min, this.#random(most + 1));
    const { value } = type;
    const elements = Array.from({ length: size }, () => this.atom(type.key));
    // Twice the same is refused, and would be so most of the time.
    const distinct = this.once(20)
      ? elements
      : [...new Map(elements.map((each) => [String(each), each])).values()];
    if (value) return ["map", distinct.map((key) => [key, this.atom(value)])];
    return ["set", distinct];
  }
}
